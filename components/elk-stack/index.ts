export type {
  CarryInArgs,
  Download,
  ElkStackArgs,
  LogVolumeArgs,
  ManagedStoreArgs,
  SelfHostedStoreArgs,
  StorePrograms,
} from "./args";
export { LOG_STORE_ROLE, LOG_STORE_TYPE } from "./args";
export { savedObjectsFile } from "./content/dashboards";
export { ElkStack } from "./elk-stack";
export { FORWARDER_CONFIGURATION, forwarderFiles, type ShippedLines } from "./forwarder/boot-files";
export { applicationsOf, forwarderProblems } from "./forwarder/checks";
export { fluentBitConfiguration } from "./forwarder/fluent-bit";
export type {
  BufferOptions,
  FileSource,
  ForwarderModel,
  JournalSource,
  LogFormat,
  LogSource,
  StoreOutput,
  SyslogSource,
} from "./forwarder/model";
export { applicationStream, FORWARDER_FOLDER, MACHINE_VARIABLES, systemStream } from "./forwarder/model";
export { syslogNgConfiguration } from "./forwarder/syslog-ng";
export { importSavedObjects } from "./store/dashboards";
export { type ErrorCount, errorRise, errorsByVersion } from "./store/errors";
export { type LogContent, NAMES, type SetupStep, setUpStore, streamsOf } from "./store/setup";
export { listSnapshots, restoreSnapshot, takeSnapshot } from "./store/snapshots";
export { LogStore, STORE_WAY, type StoreConnection, StoreError, type StorePatience } from "./store/store";
export type { LogWriter } from "./store/writer";
