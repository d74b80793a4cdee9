export type {
  Allowance,
  ContainerArgs,
  ContainerHealthArgs,
  DockerHostArgs,
  PortArgs,
  RouteArgs,
  VolumeArgs,
} from "./args";
export { type MachineSize, room, sizeOf, smallestFor } from "./machine-sizes";
