export { type FirstBootOptions, firstBoot, type MachineDocument, USER_DATA_LIMIT } from "./first-boot";
export { debianImage } from "./image";
export { MachineRole, type MachineRoleArgs } from "./machine-role";
export {
  describeFailure,
  type MachineCommand,
  type MachineCommandResult,
  type RunCommandClients,
  runOnMachine,
} from "./run-command";
