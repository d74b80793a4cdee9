import { createHash, randomBytes } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { type ImportedFile, type ImportTarget, sha256Of } from "./import";

/** Above this a file goes in parts, each of which stays when a run is killed. */
const PART = 64 * 1024 ** 2;
/** Where an object says which content it has: its checksum of parts is no checksum of the whole. */
const SUM = "sha256";
/** S3 takes so many parts at most. */
const MOST_PARTS = 10_000;

/** Objects in a bucket below a prefix. */
export function bucketTarget(client: S3Client, bucket: string, prefix: string): ImportTarget {
  return {
    name: `s3://${bucket}/${prefix}`,
    async put(file) {
      const sum = await sha256Of(file.path);
      const of = { Bucket: bucket, Key: `${prefix}${file.key}` };
      if (await has(client, of, file.bytes, sum)) return "there";
      if (file.bytes > PART) await putInParts(client, of, file, sum);
      else {
        await client.send(
          new PutObjectCommand({
            ...of,
            Body: await readFile(file.path),
            ChecksumSHA256: base64(sum),
            Metadata: { [SUM]: sum },
            ServerSideEncryption: "aws:kms",
          }),
        );
      }
      return "copied";
    },
  };
}

type ObjectName = { Bucket: string; Key: string };

async function has(client: S3Client, of: ObjectName, bytes: number, sum: string): Promise<boolean> {
  try {
    const found = await client.send(new HeadObjectCommand(of));
    return found.ContentLength === bytes && found.Metadata?.[SUM] === sum;
  } catch (error) {
    if (["NotFound", "NoSuchKey"].includes((error as Error).name)) return false;
    throw error;
  }
}

/** Goes on with the upload that a killed run has begun; each part is checked by its own sum on arrival. */
async function putInParts(client: S3Client, of: ObjectName, file: ImportedFile, sum: string): Promise<void> {
  const size = Math.max(PART, Math.ceil(file.bytes / MOST_PARTS));
  const UploadId = (await begunUpload(client, of)) ?? (await beginUpload(client, of, sum));
  const there = await partsOf(client, of, UploadId);
  const parts: { PartNumber: number; ETag: string; ChecksumSHA256: string }[] = [];
  const source = await open(file.path);
  try {
    for (let number = 1, at = 0; at < file.bytes; number++, at += size) {
      const body = Buffer.alloc(Math.min(size, file.bytes - at));
      await source.read(body, 0, body.length, at);
      const ChecksumSHA256 = base64(hashOf(body));
      const known = there.get(number);
      if (known?.ChecksumSHA256 === ChecksumSHA256) {
        parts.push({ PartNumber: number, ETag: known.ETag, ChecksumSHA256 });
        continue;
      }
      const { ETag } = await client.send(
        new UploadPartCommand({ ...of, UploadId, PartNumber: number, Body: body, ChecksumSHA256 }),
      );
      parts.push({ PartNumber: number, ETag: ETag!, ChecksumSHA256 });
    }
  } finally {
    await source.close();
  }
  await client.send(
    new CompleteMultipartUploadCommand({ ...of, UploadId, MultipartUpload: { Parts: parts } }),
  );
}

async function begunUpload(client: S3Client, { Bucket, Key }: ObjectName): Promise<string | undefined> {
  const { Uploads } = await client.send(new ListMultipartUploadsCommand({ Bucket, Prefix: Key }));
  return Uploads?.find((upload) => upload.Key === Key)?.UploadId;
}

async function beginUpload(client: S3Client, of: ObjectName, sum: string): Promise<string> {
  const { UploadId } = await client.send(
    new CreateMultipartUploadCommand({
      ...of,
      ChecksumAlgorithm: "SHA256",
      Metadata: { [SUM]: sum },
      ServerSideEncryption: "aws:kms",
    }),
  );
  return UploadId!;
}

/** What is there of an upload, by number of the part. */
async function partsOf(client: S3Client, of: ObjectName, UploadId: string) {
  const found = new Map<number, { ETag: string; ChecksumSHA256?: string }>();
  let marker: string | undefined;
  do {
    const page = await client.send(new ListPartsCommand({ ...of, UploadId, PartNumberMarker: marker }));
    for (const { PartNumber, ETag, ChecksumSHA256 } of page.Parts ?? []) {
      found.set(PartNumber!, { ETag: ETag!, ...(ChecksumSHA256 && { ChecksumSHA256 }) });
    }
    marker = page.IsTruncated ? page.NextPartNumberMarker : undefined;
  } while (marker);
  return found;
}

/** A folder, such as a mounted share: whoever reads there sees a file whole or not at all. */
export function folderTarget(folder: string): ImportTarget {
  return {
    name: folder,
    async put(file) {
      const place = join(folder, file.key);
      const sum = await sha256Of(file.path);
      const there = await stat(place).catch(() => undefined);
      if (there?.size === file.bytes && (await sha256Of(place)) === sum) return "there";
      await mkdir(dirname(place), { recursive: true });
      const part = `${place}.part-${randomBytes(6).toString("hex")}`;
      try {
        await pipeline(createReadStream(file.path), createWriteStream(part, { flags: "wx" }));
        if ((await sha256Of(part)) !== sum) throw new Error("what arrived is not what was sent");
        await rename(part, place);
      } finally {
        await rm(part, { force: true });
      }
      return "copied";
    },
  };
}

function hashOf(data: Buffer): string {
  return createHash("sha256").update(data).digest("hex");
}

function base64(hex: string): string {
  return Buffer.from(hex, "hex").toString("base64");
}
