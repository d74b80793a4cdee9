export type {
  Allowance,
  ContainerArgs,
  ContainerHealthArgs,
  DockerHostArgs,
  PortArgs,
  RouteArgs,
  VolumeArgs,
} from "./args";
export { DockerHost } from "./docker-host";
export { type MachineSize, room, sizeOf, smallestFor } from "./machine-sizes";
