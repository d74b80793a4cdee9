export {
  DatabaseGate,
  type DatabaseGateArgs,
  type GatedDatabase,
  type GatedRelease,
} from "./database-gate";
export { type Barrier, type Ledger, type LedgerStore, ledgerIn, lossOf } from "./ledger";
export type { MigratorSettings } from "./migrator";
export { describeBarrier, describeRefusal } from "./refuse";
export { MIGRATIONS_FOLDER, migrationsOfFile } from "./release-migrations";
export { type MaintenanceWindows, WEEKDAYS, type WeeklyWindow, windowState } from "./windows";
