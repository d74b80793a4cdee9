import { resolve } from "node:path";
import {
  DeleteObjectsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { packArtifactSync } from "../../components/artifact-store/pack";
import type { EnvironmentConfig } from "../../stacks/config";
import { VERSION } from "../../stacks/config/schema/release";
import { type Context, confirmByName } from "../context";
import { selectAws } from "../engine/engine";
import { openEnvironment } from "../environment";
import { failed, wrongUse } from "../errors";
import { openProject } from "../project";
import {
  artifactKey,
  artifactPrefix,
  artifactsPrefix,
  publishArtifact,
  readProvenance,
  sizeOf,
} from "../publish";
import { loadEnvironment } from "../settings";

interface Store {
  readonly config: EnvironmentConfig;
  readonly bucket: string;
  readonly client: S3Client;
}

async function openArtifacts(context: Context, environment: string): Promise<Store> {
  const project = openProject(context.cwd, environment);
  const config = loadEnvironment(project, environment);
  await selectAws(context);
  const { outputs } = await openEnvironment(project, environment);
  if (!outputs.artifactBucket) throw failed(`${environment} has no artifact store.`, "Bring it up anew.");
  return { config, bucket: outputs.artifactBucket, client: new S3Client({ region: config.region }) };
}

export interface PublishOptions {
  version?: string;
  environment: string;
  name?: string;
}

/** Packs a folder, or takes an archive, and stores it under a version that then stays what it is. */
export async function publish(context: Context, path: string, options: PublishOptions): Promise<void> {
  const { version, environment } = options;
  if (version === undefined || !VERSION.test(version)) {
    throw wrongUse(
      version === undefined ? "The version is missing." : `"${version}" is no version.`,
      "Write a semantic version such as --version 1.4.2 or --version 2.0.0-rc.1.",
    );
  }
  const source = resolve(context.cwd, path);
  const packed = packArtifactSync(source);
  const { config, bucket, client } = await openArtifacts(context, environment);
  const of = { bucket, application: options.name ?? config.application.name, version };
  const address = await publishArtifact(client, of, packed, source);
  const { output } = context;
  output.done(`published ${of.application} ${version}`);
  output.line(`  artifact: ${address}`);
  output.line(`  sha256: ${packed.sha256}`);
  output.result({ ...of, artifact: address, sha256: packed.sha256 });
}

export interface ArtifactOptions {
  name?: string;
}

/** Every version of an application, the newest last. */
export async function listArtifacts(
  context: Context,
  environment: string,
  options: ArtifactOptions,
): Promise<void> {
  const store = await openArtifacts(context, environment);
  const versions = await versionsOf(store, options.name);
  const { output } = context;
  for (const { version, sha256, bytes, publishedAt, inUse } of versions) {
    output.line(
      `${version.padEnd(16)} ${sha256.slice(0, 12)}  ${mebibytes(bytes)}  ${publishedAt}${inUse ? `  ${inUse}` : ""}`,
    );
  }
  if (versions.length === 0) output.line("Nothing is published.");
  output.result({ environment, versions });
}

/** Where a version came from, and whether what is stored is what was published. */
export async function showArtifact(
  context: Context,
  environment: string,
  version: string,
  options: ArtifactOptions,
): Promise<void> {
  const { config, bucket, client } = await openArtifacts(context, environment);
  const of = { bucket, application: options.name ?? config.application.name, version };
  const found = await readProvenance(client, of);
  if (!found) {
    throw failed(
      `${of.application} ${version} was not published to ${environment}.`,
      `See what was: retrofit artifacts list ${environment}`,
    );
  }
  const stored = (await sizeOf(client, bucket, artifactKey(of, found.sha256))) === found.bytes;
  const { output } = context;
  for (const [key, value] of Object.entries(found)) output.line(`${key.padEnd(12)} ${value}`);
  if (!stored) output.warn("its archive is not there in full: publish the same content again");
  output.result({
    environment,
    ...found,
    artifact: `s3://${bucket}/${artifactKey(of, found.sha256)}`,
    stored,
  });
}

export interface PruneOptions extends ArtifactOptions {
  keep: number;
  /** Also the bytes, through the lock. */
  now?: boolean;
}

/** Takes old versions out of the store, but none that the environment's file names. */
export async function pruneArtifacts(
  context: Context,
  environment: string,
  options: PruneOptions,
): Promise<void> {
  const store = await openArtifacts(context, environment);
  const versions = await versionsOf(store, options.name);
  const old = versions.slice(0, -options.keep).filter(({ inUse }) => inUse === undefined);
  const { output } = context;
  if (old.length === 0) {
    output.done("There is nothing to prune.");
    output.result({ environment, pruned: [] });
    return;
  }
  const names = old.map(({ version }) => version).join(", ");
  await confirmByName(
    context,
    environment,
    `This takes ${names} out of the artifact store of ${environment}${options.now ? ", for good" : ""}`,
  );
  for (const { application, version } of old) {
    const prefix = artifactPrefix({ bucket: store.bucket, application, version });
    await removeBelow(store, prefix, options.now ?? false);
    output.done(`pruned ${application} ${version}`);
  }
  const { objectLockDays } = store.config.artifacts;
  if (objectLockDays > 0 && !options.now) {
    output.line(
      `  Their bytes stay until they are ${objectLockDays} days old (retrofit:artifacts.objectLockDays). To have them gone at once, as somebody with s3:BypassGovernanceRetention: --now`,
    );
  }
  output.result({ environment, pruned: old.map(({ version }) => version) });
}

/** Hides what is there; with `forGood` each stored version of it goes, although it is locked. */
async function removeBelow({ client, bucket }: Store, Prefix: string, forGood: boolean): Promise<void> {
  // A version has two objects, and each as many versions as it was uploaded: never more than a page.
  const { Versions = [], DeleteMarkers = [] } = await client.send(
    new ListObjectVersionsCommand({ Bucket: bucket, Prefix }),
  );
  const Objects = forGood
    ? [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => ({ Key, VersionId }))
    : Versions.filter(({ IsLatest }) => IsLatest).map(({ Key }) => ({ Key }));
  const { Errors = [] } = await client.send(
    new DeleteObjectsCommand({
      Bucket: bucket,
      Delete: { Objects },
      ...(forGood && { BypassGovernanceRetention: true }),
    }),
  );
  if (Errors.length === 0) return;
  const [{ Key, Message, Code } = {}] = Errors;
  throw failed(
    `${Errors.length} of ${Objects.length} objects below ${Prefix} cannot be deleted: ${Key}: ${Message ?? Code}.`,
    "Deleting what is locked takes the right s3:BypassGovernanceRetention; without --now they are hidden, and go when their lock ends.",
  );
}

interface StoredVersion {
  application: string;
  version: string;
  sha256: string;
  bytes: number;
  publishedAt: string;
  /** `live` or `standby`, where the environment's file names it. */
  inUse?: string;
}

async function versionsOf(store: Store, name?: string): Promise<StoredVersion[]> {
  const application = name ?? store.config.application.name;
  const objects = await keysBelow(store, artifactsPrefix(application));
  const named = new RegExp(`^${artifactsPrefix(application)}([^/]+)/([0-9a-f]{64})\\.tar\\.gz$`);
  const { live, standby } = store.config;
  return objects
    .flatMap(({ Key = "", Size = 0, LastModified }) => {
      const [, version, sha256] = named.exec(Key) ?? [];
      if (version === undefined || sha256 === undefined) return [];
      const inUse = live?.version === version ? "live" : standby?.version === version ? "standby" : undefined;
      const publishedAt = LastModified?.toISOString() ?? "";
      return [{ application, version, sha256, bytes: Size, publishedAt, ...(inUse && { inUse }) }];
    })
    .sort((a, b) => a.publishedAt.localeCompare(b.publishedAt) || a.version.localeCompare(b.version));
}

async function keysBelow({ client, bucket }: Store, prefix: string) {
  const found = [];
  let token: string | undefined;
  do {
    const page = await client.send(
      new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: token }),
    );
    found.push(...(page.Contents ?? []));
    token = page.NextContinuationToken;
  } while (token);
  return found;
}

function mebibytes(bytes: number): string {
  return `${(bytes / 1024 ** 2).toFixed(1)} MiB`.padStart(11);
}
