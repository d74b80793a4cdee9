export { type Classification, type ClassifyOptions, classify } from "./classify";
export { type AppliedMigration, decide, type History, type Plan, type Refusal } from "./decide";
export {
  canonicalVersion,
  compareVersions,
  flywayChecksum,
  type MigrationSet,
  type RawFile,
  readMigrations,
} from "./reader";
export { withRuleTable } from "./rule-table";
export { rules } from "./rules";
export type {
  ChangeClass,
  Finding,
  JudgedMigration,
  MigrationFile,
  MigrationProblem,
  Rule,
} from "./types";
