export { type ConfigurationToCheck, classesOf, configurationProblems, rolesOf } from "./configuration-check";
export { attachStatements, type DataVolumeArgs, makeDataVolume } from "./data-volume";
export {
  type BootableDocument,
  type BootFile,
  type ConfigurationTool,
  type FirstBootOptions,
  firstBoot,
  type MachineDescription,
  type MachineDocument,
  type SecretReference,
  USER_DATA_LIMIT,
} from "./first-boot";

export { grantSecrets } from "./grant-secrets";
export { debianImage } from "./image";
export type { LogShipping } from "./log-shipping";
export {
  isConfiguration,
  MachineConfiguration,
  type MachineConfigurationArgs,
  type MachineConfigurationDocument,
} from "./machine-configuration";
export {
  CONFIGURATION_TAG,
  IN_USE_TAG,
  MachineImage,
  type MachineImageArgs,
  ROLE_TAG,
} from "./machine-image";
export { MachineRole, type MachineRoleArgs } from "./machine-role";
export { withMounts } from "./mounts";
export {
  type ForgeModule,
  readPuppetfile,
  readVendored,
  VENDORED,
  type Vendored,
  vendoringProblems,
} from "./puppetfile";
export {
  askScript,
  type LocalChecks,
  type MachineRelease,
  readMachineRelease,
  switchScript,
} from "./release-program";
export {
  describeFailure,
  type MachineCommand,
  type MachineCommandResult,
  type RunCommandClients,
  runOnMachine,
} from "./run-command";
