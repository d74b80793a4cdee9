/** The homes for files of an environment, and what the machines must know of them. */
import * as pulumi from "@pulumi/pulumi";
import {
  ArtifactStore,
  type ArtifactStoreArgs,
  type MountSetting,
  type RepositoryArgs,
  type StoredArtifact,
} from "../components/artifact-store";
import type { MachineConfiguration } from "../components/machine";
import type { Network } from "../components/network";
import type { EnvironmentConfig, FilesConfig, ReleaseConfig } from "./config/types";
import { logShipping } from "./log-shipping";
import type { Logs } from "./logs";
import { ownTags } from "./tags";

export interface FileStore {
  readonly config: FilesConfig;
  readonly store: ArtifactStore;
}

export interface FileStoreSurroundings {
  readonly network: Network;
  readonly configuration: MachineConfiguration | undefined;
  readonly artifacts: ArtifactStore;
  /** The environment's logs, where it has any. */
  readonly logs: Logs | undefined;
  /** Stores what the file names as a release's artifact is stored. */
  readonly stored: (program: ReleaseConfig) => StoredArtifact;
}

export function makeFileStores(
  config: EnvironmentConfig,
  { network, configuration, artifacts, logs, stored }: FileStoreSurroundings,
  opts: pulumi.ComponentResourceOptions,
): FileStore[] {
  return config.files.map((file) => {
    const args = storeArgs(config, file, {
      network,
      vpcEndpointId: network.vpcEndpointIds.s3,
      ...(file.program && { program: { ...stored(file.program), version: file.program.version } }),
      configuration,
      artifacts,
      ...(logs && { logs: logShipping(config, logs, "content_repository") }),
    });
    const store = new ArtifactStore(file.name, args, opts);
    const machine = store.machineSecurityGroupId;
    if (machine) logs?.stack?.allowFrom(`files-${file.name}`, machine);
    return { config: file, store };
  });
}

/** What an item of the file is to the component. Without the resources around it the result can be checked, not made. */
export function storeArgs(
  config: EnvironmentConfig,
  file: FilesConfig,
  around: object = {},
): ArtifactStoreArgs {
  const { deletable, backupDays } = file;
  const replicateTo = file.replicateTo === "none" ? undefined : file.replicateTo;
  const common = {
    protected: config.protected,
    // Given here as well: a copy in another region has a provider of its own.
    ...defined({ deletable, backupDays, replicateTo, tags: ownTags(config) }),
    ...pick(around, "network"),
  };
  const zones = config.network.zones;
  switch (file.mode) {
    case "share": {
      const { throughput, infrequentAfterDays } = file;
      const accessPoints = { [config.application.name]: { path: `/${config.application.name}` } };
      const own = defined({ throughput, infrequentAfterDays });
      return { mode: "share", ...common, zones, accessPoints, ...own } as ArtifactStoreArgs;
    }
    case "repository": {
      const { certificateArn, clients = [], program } = file;
      const vpn = config.vpn
        ? config.vpn.peers.flatMap(({ networks = [] }) => networks.map(({ cidr }) => cidr))
        : [];
      return {
        mode: "repository",
        ...common,
        network: undefined as never,
        zones,
        environment: config.environment,
        region: config.region,
        clients: [...new Set([...vpn, ...clients])],
        // Checked before it is packed: its sum is then right by making.
        program: { bucket: "", key: "", version: "", sha256: program?.sha256 ?? "0".repeat(64) },
        ...defined({ certificateArn }),
        ...pick(around, "network", "program", "configuration", "artifacts", "logs"),
      } as RepositoryArgs;
    }
    case "bucket": {
      const { mount, unencryptedWrites, inbox, objectLockDays, archiveAfterDays, oldVersionsDays } = file;
      const lifecycle = defined({ archiveAfterDays, oldVersionsDays });
      return {
        mode: "bucket",
        ...common,
        network: {},
        ...defined({ mount, unencryptedWrites, inbox }),
        ...(objectLockDays && { objectLock: { days: objectLockDays } }),
        lifecycle,
        ...pick(around, "network", "vpcEndpointId"),
      } as ArtifactStoreArgs;
    }
  }
}

/** Whether machines have it as a folder. */
export function isMounted({ mode, mount }: FilesConfig): boolean {
  return mode === "share" || mount !== undefined;
}

export const folderOf = ({ folder, name }: FilesConfig) => folder ?? `/srv/${name}`;

/** Lets the web machines use each store as the file says. Gives what has to be there before a machine starts. */
export function grantFileStores(
  stores: readonly FileStore[],
  who: string,
  role: { roleName: pulumi.Input<string> },
): pulumi.CustomResource[] {
  return stores.map(({ config, store }) =>
    config.access === "read" ? store.grantRead(who, role) : store.grantReadWrite(who, role),
  );
}

export function openFileStores(
  stores: readonly FileStore[],
  who: string,
  securityGroupId: pulumi.Input<string>,
): void {
  for (const { store } of stores) store.allowFrom(who, securityGroupId);
}

/** The mounts of the web machines, by folder. */
export function fileMounts(stores: readonly FileStore[]): pulumi.Output<Record<string, MountSetting>> {
  const each = stores
    .filter(({ config }) => isMounted(config))
    .map(({ config, store }) => store.mounts(folderOf(config)));
  return pulumi
    .all(each)
    .apply((all) => Object.assign({}, ...all) as Record<string, MountSetting>) as pulumi.Output<
    Record<string, MountSetting>
  >;
}

/**
 * Plain variables of the application: `FILES_UPLOADS_BUCKET`, `…_KEY`, `…_FOLDER`, `…_URL`, `…_SECRET_ARN`, and of an inbox
 * `…_QUEUE`, `…_DEAD_LETTERS`, `…_CLAIM_SECONDS`, `…_ATTEMPTS`.
 */
export function fileVariables(stores: readonly FileStore[]): Record<string, pulumi.Input<string>> {
  return Object.assign(
    {},
    ...stores.map(({ config, store }) => {
      const name = `FILES_${config.name.toUpperCase().replaceAll("-", "_")}`;
      return {
        ...(config.mode === "bucket" && {
          [`${name}_BUCKET`]: store.bucketName,
          [`${name}_KEY`]: store.keyArn,
        }),
        ...(store.inbox && {
          [`${name}_QUEUE`]: store.inbox.queueUrl,
          [`${name}_DEAD_LETTERS`]: store.inbox.deadLetterUrl,
          [`${name}_CLAIM_SECONDS`]: String(store.inbox.claimSeconds),
          [`${name}_ATTEMPTS`]: String(store.inbox.attempts),
        }),
        ...(isMounted(config) && { [`${name}_FOLDER`]: folderOf(config) }),
        ...(store.url && {
          [`${name}_URL`]: store.url,
          [`${name}_SECRET_ARN`]: store.loginSecretArn(config.access),
        }),
      };
    }),
  );
}

/** What a program tells about its files; no secrets. */
export function fileOutputs(stores: readonly FileStore[]) {
  if (stores.length === 0) return {};
  const each = stores.map(({ config, store }) => [
    config.name,
    {
      mode: config.mode,
      deletable: store.deletable,
      keyArn: store.keyArn,
      ...(config.mode === "bucket" && { bucket: store.bucketName }),
      ...(store.inbox && { queueUrl: store.inbox.queueUrl, deadLetterUrl: store.inbox.deadLetterUrl }),
      ...(store.fileSystemId && { fileSystemId: store.fileSystemId }),
      ...(store.url && { url: store.url }),
    },
  ]);
  return { files: Object.fromEntries(each) as Record<string, unknown> };
}

function defined<T extends object>(values: T): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;
}

function pick(from: object, ...keys: string[]): object {
  return Object.fromEntries(Object.entries(from).filter(([key]) => keys.includes(key)));
}
