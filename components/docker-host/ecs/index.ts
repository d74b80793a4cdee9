export type { ContainerClusterArgs } from "./args";
export { checkContainerCluster } from "./checks";
export { ContainerCluster } from "./cluster";
export { fargateSize, type TaskSize } from "./fargate-sizes";
