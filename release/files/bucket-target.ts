import { readFile } from "node:fs/promises";
import { PutObjectCommand, paginateListObjectsV2, type S3Client } from "@aws-sdk/client-s3";
import { encryptedWith, putFirst } from "../../components/artifact-store/objects";
import { type ImportTarget, sha256Of, sumOf } from "./import";
import { base64, PART_BYTES, uploadInParts, withContent } from "./upload-in-parts";

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
    async stamps(keys) {
      const found = new Map<string, string>();
      for await (const page of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix })) {
        for (const { Key = "", Size, ETag } of page.Contents ?? []) {
          const key = Key.slice(prefix.length);
          if (keys.has(key)) found.set(key, stampOf(Size, ETag));
        }
      }
      return found;
    },
    async put({ path, key, bytes }, mayReplace) {
      const name = { Bucket: bucket, Key: `${prefix}${key}` };
      const there = (size: number, ETag: string) => ({ done: "there", stamp: stampOf(size, ETag) }) as const;
      const copied = (size: number, ETag?: string) =>
        ({ done: "copied", stamp: stampOf(size, ETag) }) as const;
      if (bytes > PART_BYTES) {
        const content = { path, bytes, sha256: await sha256Of(path) };
        const same = await withContent(client, name, content);
        if (same) return there(bytes, same);
        if (!mayReplace) return { done: "other" };
        return copied(bytes, await uploadInParts(client, { ...name, ...encryption }, content));
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
      const first = Body.length <= SMALL_BYTES && (await putFirst(client, object));
      if (first) return copied(Body.length, first.ETag);
      const same = await withContent(client, name, content);
      if (same) return there(Body.length, same);
      if (!mayReplace) return { done: "other" };
      return copied(Body.length, (await client.send(new PutObjectCommand(object))).ETag);
    },
  };
}

/** Whatever the encryption, another write has another ETag or another size. */
function stampOf(bytes: number | undefined, etag: string | undefined): string {
  return `${bytes} ${etag?.replaceAll('"', "")}`;
}
