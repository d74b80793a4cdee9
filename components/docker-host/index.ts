export {
  type Allowance,
  type ContainerArgs,
  type ContainerHealthArgs,
  type DockerHostArgs,
  type PortArgs,
  ROOT_GB,
  type RouteArgs,
  type VolumeArgs,
} from "./args";
export { checkDockerHost } from "./checks";
export { DockerHost } from "./docker-host";
export * from "./ecs";
export { HOST_ROLE } from "./host-document";
export { ImageArchiveError, imageIdOf } from "./image-archive";
export { type MachineSize, machineFor, room, sizeOf, smallestFor } from "./machine-sizes";
export { need, place } from "./placement";
