/** Writing into a store's bucket: with the store's key, and so that only the first of two can. */
import {
  PutObjectCommand,
  type PutObjectCommandInput,
  type PutObjectCommandOutput,
  type S3Client,
} from "@aws-sdk/client-s3";

/**
 * What a write says of its encryption. A bucket where unencrypted writes are refused wants its key named; the others take
 * it when nothing is said. `aws:kms` without a key would mean a key of AWS's own.
 */
export function encryptedWith(keyArn: string | undefined) {
  return keyArn ? ({ ServerSideEncryption: "aws:kms", SSEKMSKeyId: keyArn } as const) : {};
}

/** Writes an object unless there is one; false where there is. */
export async function putFirst(
  client: Pick<S3Client, "send">,
  object: PutObjectCommandInput,
): Promise<PutObjectCommandOutput | false> {
  try {
    return await client.send(new PutObjectCommand({ ...object, IfNoneMatch: "*" }));
  } catch (error) {
    if (["PreconditionFailed", "ConditionalRequestConflict"].includes((error as Error).name)) return false;
    throw error;
  }
}
