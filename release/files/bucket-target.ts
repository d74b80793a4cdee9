import { readFile } from "node:fs/promises";
import { PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { encryptedWith, putFirst } from "../../components/artifact-store/objects";
import { type ImportTarget, sha256Of, sumOf } from "./import";
import { base64, hasContent, PART_BYTES, uploadInParts } from "./upload-in-parts";

/** Up to this a file is sent without asking whether it is there: S3 turns away the second of a name. */
const SMALL_BYTES = 1024 ** 2;

export interface BucketPlace {
  readonly bucket: string;
  /** Keys begin so. */
  readonly prefix: string;
  /** Key that objects are encrypted with. Default: the bucket's own, without saying so. */
  readonly keyArn?: string;
}

/** Objects in a bucket below a prefix. */
export function bucketTarget(client: S3Client, { bucket, prefix, keyArn }: BucketPlace): ImportTarget {
  const encryption = encryptedWith(keyArn);
  return {
    name: `s3://${bucket}/${prefix}`,
    async put({ path, key, bytes }) {
      const name = { Bucket: bucket, Key: `${prefix}${key}` };
      if (bytes > PART_BYTES) {
        const content = { path, bytes, sha256: await sha256Of(path) };
        if (await hasContent(client, name, content)) return "there";
        await uploadInParts(client, { ...name, ...encryption }, content);
        return "copied";
      }
      const Body = await readFile(path);
      const content = { bytes: Body.length, sha256: sumOf(Body) };
      const object = {
        ...name,
        ...encryption,
        Body,
        ChecksumAlgorithm: "SHA256",
        ChecksumSHA256: base64(content.sha256),
        Metadata: { sha256: content.sha256 },
      } as const;
      if (Body.length <= SMALL_BYTES && (await putFirst(client, object))) return "copied";
      if (await hasContent(client, name, content)) return "there";
      await client.send(new PutObjectCommand(object));
      return "copied";
    },
  };
}
