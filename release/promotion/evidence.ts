/** What a release has shown in an environment, kept beside its artifact in the environment's bucket. */
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import type { EvidenceKind } from "../../stacks/config";
import { artifactPrefix, type PublishedVersion } from "../publish";

/** One thing that was shown, or that was tried and did not hold. */
export interface Evidence {
  readonly environment: string;
  readonly kind: EvidenceKind;
  readonly version: string;
  /** Of the artifact that it was shown with. */
  readonly sha256: string;
  /** Machine image that it was shown on. */
  readonly image: string;
  readonly passed: boolean;
  /** ISO time. */
  readonly at: string;
  /** Who gave it, for an approval. */
  readonly by?: string;
  /** What was found, for a person. */
  readonly note?: string;
  /** Figures, such as those of a load test. */
  readonly report?: unknown;
}

/** An artifact in a bucket: its evidence is that of its content, and stays behind when the content changes. */
export interface Artifact extends PublishedVersion {
  readonly sha256: string;
}

type Store = Pick<S3Client, "send">;

export const artifactKey = (of: Artifact): string => `${artifactPrefix(of)}${of.sha256}.tar.gz`;

const evidencePrefix = (of: Artifact): string => `${artifactPrefix(of)}${of.sha256}.evidence/`;

/** Written anew each time it is shown; the bucket keeps the former ones as versions. */
export async function keepEvidence(s3: Store, of: Artifact, evidence: Evidence): Promise<void> {
  await s3.send(
    new PutObjectCommand({
      Bucket: of.bucket,
      Key: `${evidencePrefix(of)}${evidence.environment}/${evidence.kind}.json`,
      Body: JSON.stringify(evidence, null, 2),
      ContentType: "application/json",
    }),
  );
}

/** All that an artifact has shown, in whatever environment: it is carried along. */
export async function readEvidence(s3: Store, of: Artifact): Promise<Evidence[]> {
  const listed = await s3.send(new ListObjectsV2Command({ Bucket: of.bucket, Prefix: evidencePrefix(of) }));
  const read = (listed.Contents ?? []).map(async ({ Key }) => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: of.bucket, Key }));
    return JSON.parse((await Body?.transformToString()) ?? "") as Evidence;
  });
  return await Promise.all(read);
}

/** The artifact as it is in the bucket; undefined when it is not there. */
export async function fetchArtifact(s3: Store, of: Artifact): Promise<Buffer | undefined> {
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: of.bucket, Key: artifactKey(of) }));
    return Buffer.from((await Body?.transformToByteArray()) ?? []);
  } catch (error) {
    if ((error as Error).name === "NoSuchKey") return undefined;
    throw error;
  }
}
