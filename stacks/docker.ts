/** The Docker hosts of an environment, as `retrofit:docker` describes them. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { ArtifactStore } from "../components/artifact-store";
import {
  ContainerCluster,
  DockerHost,
  type DockerHostArgs,
  HOST_ROLE,
  imageIdOf,
} from "../components/docker-host";
import type { MachineConfiguration } from "../components/machine";
import type { DockerConfig, EnvironmentConfig } from "./config/types";
import { containerClusterArgs, dockerHostArgs, hostShares } from "./docker-args";
import type { FileStore } from "./file-stores";
import { logShipping } from "./log-shipping";
import type { Logs } from "./logs";
import { shippedConfiguration } from "./machines";

export interface DockerSurroundings extends Pick<DockerHostArgs, "network"> {
  readonly loadBalancer: NonNullable<DockerHostArgs["loadBalancer"]>;
  readonly artifacts: ArtifactStore;
  /** The environment's own, where it is one that Docker hosts can be made of. */
  readonly configuration: MachineConfiguration | undefined;
  readonly files: readonly FileStore[];
  readonly projectRoot: string;
  /** The environment's logs, where it has any. */
  readonly logs: Logs | undefined;
}

/** What an environment's program tells of its containers. */
export type DockerSummary = pulumi.Input<{
  engine: "docker" | "ecs";
  autoScalingGroups?: string[];
  declaration?: string;
  cluster?: string;
  services?: Record<string, string>;
  logGroup?: string;
}>;

/** Makes the hosts, or the cluster, that the file asks for; nothing when it does not. */
export function makeContainers(
  config: EnvironmentConfig,
  around: DockerSurroundings,
  opts: pulumi.ComponentResourceOptions,
): DockerSummary | undefined {
  const { docker } = config;
  if (docker === undefined) return undefined;
  const { network, loadBalancer } = around;
  if (docker.engine === "ecs") {
    const args = { network, loadBalancer, ...containerClusterArgs(config, docker, {}) };
    const cluster = new ContainerCluster("docker", args, opts);
    const { clusterArn, services, logGroupName } = cluster;
    return pulumi
      .output({ cluster: clusterArn, services: { ...services }, logGroup: logGroupName })
      .apply((told) => ({ engine: "ecs" as const, ...told }));
  }
  return makeHosts(config, docker, around, opts).summary.apply((told) => ({
    engine: "docker" as const,
    ...told,
  }));
}

function makeHosts(
  config: EnvironmentConfig,
  docker: DockerConfig,
  { artifacts, network, loadBalancer, configuration, files, projectRoot, logs }: DockerSurroundings,
  opts: pulumi.ComponentResourceOptions,
): DockerHost {
  const archives = uploadedArchives(docker, artifacts, projectRoot);
  const host = new DockerHost(
    "docker",
    {
      network,
      bucket: artifacts.bucketName,
      loadBalancer,
      configuration:
        configuration ?? shippedConfiguration("docker-machines", HOST_ROLE, config, artifacts, opts),
      ...(logs && { logs: logShipping(config, logs, HOST_ROLE) }),
      ...dockerHostArgs(config, docker, archives),
      shares: hostShares(config, docker, (name) => files.find((file) => file.config.name === name)!.store),
    },
    opts,
  );
  logs?.stack?.allowFrom("docker", host.securityGroupId);
  return host;
}

function uploadedArchives({ containers }: DockerConfig, store: ArtifactStore, projectRoot: string) {
  const uploaded: Record<string, { image: string; key: string }> = {};
  const done = new Set<string>();
  for (const { name, archive } of containers) {
    if (archive === undefined) continue;
    const file = join(projectRoot, archive);
    const sha256 = createHash("sha256").update(readFileSync(file)).digest("hex");
    const key = `images/${sha256}.tar`;
    if (!done.has(key)) store.upload(`image-${sha256.slice(0, 8)}`, { key, file, sha256 });
    done.add(key);
    uploaded[name] = { image: imageIdOf(file), key };
  }
  return uploaded;
}
