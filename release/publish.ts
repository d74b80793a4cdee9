import { createReadStream, statSync } from "node:fs";
import { ListObjectsV2Command, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import type { PackedArtifact } from "../components/artifact-store/pack";
import { failed } from "./errors";

/** A version of an application in the bucket of an environment. */
export interface PublishedVersion {
  bucket: string;
  application: string;
  version: string;
}

/** Where an artifact is kept. The program uses the same keys for artifacts that an update uploads. */
export function artifactPrefix({ application, version }: PublishedVersion): string {
  return `releases/${application}/${version}/`;
}

/**
 * Whether this content is published already. A version's content never changes: other content under a version that
 * was published before is refused, since machines of one release would then differ.
 */
export async function isPublished(
  client: Pick<S3Client, "send">,
  of: PublishedVersion,
  artifact: PackedArtifact,
): Promise<boolean> {
  const prefix = artifactPrefix(of);
  const listed = await client.send(new ListObjectsV2Command({ Bucket: of.bucket, Prefix: prefix }));
  const sums = (listed.Contents ?? [])
    .map((object) => /([0-9a-f]{64})\.tar\.gz$/.exec(object.Key ?? "")?.[1])
    .filter((sum): sum is string => sum !== undefined);
  const other = sums.find((sum) => sum !== artifact.sha256);
  if (other) {
    throw failed(
      `${of.application} ${of.version} was published before with other content (SHA-256 ${short(other)}, now ${short(artifact.sha256)}).`,
      "A version's content never changes: give the new content a new version.",
    );
  }
  return sums.length > 0;
}

/** Puts an artifact into the bucket unless it is there; returns its `s3://` address. */
export async function publishArtifact(
  client: Pick<S3Client, "send">,
  of: PublishedVersion,
  artifact: PackedArtifact,
): Promise<string> {
  const key = `${artifactPrefix(of)}${artifact.sha256}.tar.gz`;
  if (!(await isPublished(client, of, artifact))) {
    await client.send(
      new PutObjectCommand({
        Bucket: of.bucket,
        Key: key,
        Body: createReadStream(artifact.file),
        ContentLength: statSync(artifact.file).size,
        ContentType: "application/gzip",
        ChecksumSHA256: Buffer.from(artifact.sha256, "hex").toString("base64"),
      }),
    );
  }
  return `s3://${of.bucket}/${key}`;
}

function short(hash: string): string {
  return `${hash.slice(0, 12)}…`;
}
