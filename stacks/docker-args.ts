/** What `retrofit:docker` says, as the component takes it. */
import type { ContainerArgs, ContainerClusterArgs, DockerHostArgs } from "../components/docker-host";
import type { HostShare } from "../components/docker-host/args";
import { shareOf } from "../components/docker-host/shares";
import type { ContainerConfig, DockerConfig, EnvironmentConfig } from "./config/types";
import { folderOf, isMounted } from "./file-stores";
import { ownTags } from "./tags";

/** Stands for an archive that is not uploaded, where only sizes and rules count. */
export const SOME_ARCHIVE = { image: `sha256:${"0".repeat(64)}`, key: "images" };

/** What the file says, as the component takes it. @param archives Images that are in no registry, by container. */
export function dockerHostArgs(
  config: Pick<EnvironmentConfig, "protected" | "environment" | "application">,
  { containers, engine: _, image, instanceType = "", hosts = 1, ...rest }: DockerConfig,
  archives: Readonly<Record<string, { image: string; key: string }>>,
): Omit<DockerHostArgs, "network" | "bucket" | "configuration"> {
  return {
    ...rest,
    instanceType,
    hosts: hosts as 1 | 2,
    ...(image !== undefined && { imageId: image }),
    protected: config.protected,
    tags: ownTags(config),
    containers: Object.fromEntries(
      containers.map((container) => [container.name, containerArgs(container, archives[container.name])]),
    ),
  };
}

/** The stores of `retrofit:files` that containers have a folder of: hosts mount these and no others. */
export function hostShares(
  { files }: Pick<EnvironmentConfig, "files">,
  { containers }: DockerConfig,
  storeOf: (name: string) => HostShare["store"],
): Record<string, HostShare> {
  const all = Object.fromEntries(
    files
      .filter(isMounted)
      .map((file) => [folderOf(file), { name: file.name, access: file.access }] as const),
  );
  const used = containers.flatMap(({ volumes = [] }) =>
    volumes.flatMap(({ type, path }) => (type === "share" ? (shareOf(path, all) ?? []) : [])),
  );
  return Object.fromEntries(
    [...new Set(used)].sort().map((folder) => {
      const { name, access } = all[folder]!;
      return [folder, { store: storeOf(name), access }];
    }),
  );
}

/** The same containers for Amazon ECS. */
export function containerClusterArgs(
  config: Pick<EnvironmentConfig, "protected" | "environment" | "application">,
  docker: DockerConfig,
  archives: Readonly<Record<string, { image: string; key: string }>>,
): Omit<ContainerClusterArgs, "network"> {
  const { containers, tags } = dockerHostArgs(config, docker, archives);
  return {
    containers,
    ...(tags && { tags }),
    copies: docker.hosts ?? 1,
    ...(docker.instanceType !== undefined && { machines: { instanceType: docker.instanceType } }),
    logRetentionDays: config.protected ? 90 : 7,
  };
}

function containerArgs(
  { name: _, archive: __, image = "", ...rest }: ContainerConfig,
  stored: { image: string; key: string } | undefined,
): ContainerArgs {
  return { ...rest, ...(stored ? { image: stored.image, archive: stored.key } : { image }) };
}
