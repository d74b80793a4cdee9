import { GetObjectCommand, NoSuchKey, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import type { LoadtestResult } from "./result";

type Store = Pick<S3Client, "send">;

/** Where the last run of a profile is kept: in the environment's bucket, so that everybody compares with the same one. */
const keyOf = ({ environment, profile }: Pick<LoadtestResult, "environment" | "profile">): string =>
  `loadtests/${environment}/${profile.name}.json`;

/** The last run of this profile in this environment; undefined when it is the first. */
export async function lastRun(
  s3: Store,
  bucket: string,
  of: Pick<LoadtestResult, "environment" | "profile">,
): Promise<LoadtestResult | undefined> {
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: keyOf(of) }));
    return JSON.parse((await Body?.transformToString()) ?? "") as LoadtestResult;
  } catch (error) {
    if (error instanceof NoSuchKey || (error as Error).name === "NoSuchKey") return undefined;
    throw error;
  }
}

/** Former runs stay as versions of the object. */
export async function keepRun(s3: Store, bucket: string, result: LoadtestResult): Promise<void> {
  await s3.send(
    new PutObjectCommand({
      Bucket: bucket,
      Key: keyOf(result),
      Body: JSON.stringify(result, null, 2),
      ContentType: "application/json",
    }),
  );
}
