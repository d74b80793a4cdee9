export type {
  Allowance,
  ContainerArgs,
  ContainerHealthArgs,
  DockerHostArgs,
  PortArgs,
  RouteArgs,
  VolumeArgs,
} from "./args";
export { checkDockerHost } from "./checks";
export { DockerHost, HOST_ROLE } from "./docker-host";
export { ImageArchiveError, imageIdOf } from "./image-archive";
export { type MachineSize, room, sizeOf, smallestFor } from "./machine-sizes";
