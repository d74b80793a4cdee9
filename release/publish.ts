import { execFile } from "node:child_process";
import { createReadStream, statSync } from "node:fs";
import { hostname, userInfo } from "node:os";
import { dirname } from "node:path";
import { promisify } from "node:util";
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { putFirst } from "../components/artifact-store/objects";
import type { PackedArtifact } from "../components/artifact-store/pack";
import { failed } from "./errors";

type Client = Pick<S3Client, "send">;

/** A version of an application in the bucket of an environment. */
export interface PublishedVersion {
  bucket: string;
  application: string;
  version: string;
}

/** What is known of a published version: what it is, and where it came from. */
export interface Provenance {
  application: string;
  version: string;
  /** SHA-256 of the archive, which machines check before they start it. */
  sha256: string;
  bytes: number;
  /** Git commit of the folder that was packed, with `-dirty` where it had changes; none outside of a repository. */
  commit?: string;
  builder: string;
  publishedAt: string;
}

/** Where artifacts of all versions are kept. */
export const artifactsPrefix = (application: string): string => `releases/${application}/`;

/** Where an artifact is kept. The program uses the same keys for artifacts that an update uploads. */
export function artifactPrefix({ application, version }: PublishedVersion): string {
  return `${artifactsPrefix(application)}${version}/`;
}

export function artifactKey(of: PublishedVersion, sha256: string): string {
  return `${artifactPrefix(of)}${sha256}.tar.gz`;
}

/** The file that says what a version is; it is written before the version itself, and once only. */
export function provenanceKey(of: PublishedVersion): string {
  return `${artifactPrefix(of)}provenance.json`;
}

/**
 * Whether this content is published already. A version's content never changes: other content under a version that
 * was published before is refused, since machines of one release would then differ.
 */
export async function isPublished(
  client: Client,
  of: PublishedVersion,
  artifact: PackedArtifact,
): Promise<boolean> {
  const prefix = artifactPrefix(of);
  const listed = await client.send(new ListObjectsV2Command({ Bucket: of.bucket, Prefix: prefix }));
  const sums = (listed.Contents ?? [])
    .map((object) => /([0-9a-f]{64})\.tar\.gz$/.exec(object.Key ?? "")?.[1])
    .filter((sum): sum is string => sum !== undefined);
  const other = sums.find((sum) => sum !== artifact.sha256);
  if (other) throw otherContent(of, other, artifact.sha256);
  return sums.length > 0;
}

/**
 * Puts an artifact into the bucket unless it is there; returns its `s3://` address. `from` is what was packed, or where it came
 * from if that was known before: a promotion changes nothing of it.
 */
export async function publishArtifact(
  client: Client,
  of: PublishedVersion,
  artifact: PackedArtifact,
  from: string | Provenance = artifact.file,
): Promise<string> {
  const key = artifactKey(of, artifact.sha256);
  if (!(await isPublished(client, of, artifact))) {
    const provenance = typeof from === "string" ? await provenanceOf(of, artifact, from) : from;
    await claimVersion(client, of, provenance);
    await client.send(
      new PutObjectCommand({
        Bucket: of.bucket,
        Key: key,
        Body: createReadStream(artifact.file),
        ContentLength: statSync(artifact.file).size,
        ContentType: "application/gzip",
        ChecksumAlgorithm: "SHA256",
        ChecksumSHA256: Buffer.from(artifact.sha256, "hex").toString("base64"),
        ServerSideEncryption: "aws:kms",
      }),
    );
  }
  return `s3://${of.bucket}/${key}`;
}

/** Of two who publish the same version at once, one is first; the other has the same content or is refused. */
async function claimVersion(client: Client, of: PublishedVersion, provenance: Provenance): Promise<void> {
  const claimed = await putFirst(client, {
    Bucket: of.bucket,
    Key: provenanceKey(of),
    Body: `${JSON.stringify(provenance, null, 1)}\n`,
    ContentType: "application/json",
  });
  if (claimed) return;
  const first = await readProvenance(client, of);
  if (first && first.sha256 !== provenance.sha256) throw otherContent(of, first.sha256, provenance.sha256);
}

/** What a version says of itself; undefined where it says nothing, as those that an update uploaded from a folder. */
export async function readProvenance(client: Client, of: PublishedVersion): Promise<Provenance | undefined> {
  try {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: of.bucket, Key: provenanceKey(of) }));
    return JSON.parse(await Body!.transformToString()) as Provenance;
  } catch (error) {
    if ((error as Error).name === "NoSuchKey") return undefined;
    throw error;
  }
}

/** Size in bytes of an object, or undefined where there is none. */
export async function sizeOf(client: Client, bucket: string, key: string): Promise<number | undefined> {
  try {
    return (await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }))).ContentLength;
  } catch (error) {
    if (["NotFound", "NoSuchKey"].includes((error as Error).name)) return undefined;
    throw error;
  }
}

async function provenanceOf(
  of: PublishedVersion,
  artifact: PackedArtifact,
  source: string,
): Promise<Provenance> {
  const commit = await commitOf(source);
  return {
    application: of.application,
    version: of.version,
    sha256: artifact.sha256,
    bytes: statSync(artifact.file).size,
    ...(commit && { commit }),
    builder: `${userInfo().username}@${hostname()}`,
    publishedAt: new Date().toISOString(),
  };
}

async function commitOf(source: string): Promise<string | undefined> {
  const cwd = statSync(source).isDirectory() ? source : dirname(source);
  try {
    const args = ["describe", "--always", "--abbrev=40", "--dirty", "--exclude=*"];
    return (await promisify(execFile)("git", args, { cwd })).stdout.trim() || undefined;
  } catch {
    return undefined;
  }
}

function otherContent({ application, version }: PublishedVersion, before: string, now: string) {
  return failed(
    `${application} ${version} was published before with other content (SHA-256 ${short(before)}, now ${short(now)}).`,
    "A version's content never changes: give the new content a new version.",
  );
}

function short(hash: string): string {
  return `${hash.slice(0, 12)}…`;
}
