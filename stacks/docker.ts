/** The Docker hosts of an environment, as `retrofit:docker` describes them. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import type { ArtifactStore } from "../components/artifact-store";
import { DockerHost, type DockerHostArgs, HOST_ROLE, imageIdOf } from "../components/docker-host";
import { MachineConfiguration } from "../components/machine";
import type { DockerConfig, EnvironmentConfig } from "./config/types";
import { dockerHostArgs } from "./docker-args";
import { shippedMachines } from "./machines";

export interface DockerSurroundings extends Pick<DockerHostArgs, "network" | "loadBalancer"> {
  readonly artifacts: ArtifactStore;
  /** The environment's own, where it is one that Docker hosts can be made of. */
  readonly configuration: MachineConfiguration | undefined;
  readonly projectRoot: string;
}

/** Makes the hosts that the file asks for; nothing when it does not. */
export function makeDockerHost(
  config: EnvironmentConfig,
  around: DockerSurroundings,
  opts: pulumi.ComponentResourceOptions,
): DockerHost | undefined {
  const { docker } = config;
  if (docker === undefined) return undefined;
  const { artifacts, network, loadBalancer, projectRoot } = around;
  const archives = uploadedArchives(docker, artifacts, projectRoot);
  return new DockerHost(
    "docker",
    {
      network,
      bucket: artifacts.bucketName,
      loadBalancer: loadBalancer!,
      configuration: around.configuration ?? hostConfiguration(config, artifacts, opts),
      ...dockerHostArgs(config, docker, archives),
    },
    opts,
  );
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

/** Where machines are made by another tool than Puppet, Docker hosts are made of what comes with Retrofit. */
function hostConfiguration(
  { environment, machines, protected: kept }: EnvironmentConfig,
  store: ArtifactStore,
  opts: pulumi.ComponentResourceOptions,
): MachineConfiguration {
  const { settings } = machines;
  return new MachineConfiguration(
    "docker-machines",
    {
      folder: shippedMachines(),
      store,
      roles: [HOST_ROLE],
      environment,
      settings,
      logRetentionDays: kept ? 90 : 7,
    },
    opts,
  );
}
