/** Large files go in parts, each of which stays when a run is killed, so that the next one sends only what is missing. */
import { type FileHandle, open } from "node:fs/promises";
import {
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  type PutObjectCommandInput,
  type S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { sumOf } from "./import";

/** Larger files go in parts. Parts are larger where a file would have more of them than S3 takes. */
export const PART_BYTES = 16 * 1024 ** 2;
const MOST_PARTS = 10_000;
/** Parts of one file that are under way at a time, each of them in memory. */
const AT_ONCE = 4;

type ObjectName = { Bucket: string; Key: string };
type Upload = ObjectName & { UploadId: string };

interface Content {
  readonly bytes: number;
  readonly sha256: string;
}

/** The ETag of an object that has this content. It says so itself: S3's checksum of one in parts is none of the whole. */
export async function withContent(
  client: S3Client,
  { Bucket, Key }: ObjectName,
  { bytes, sha256 }: Content,
): Promise<string | undefined> {
  try {
    const found = await client.send(new HeadObjectCommand({ Bucket, Key }));
    return found.ContentLength === bytes && found.Metadata?.sha256 === sha256 ? found.ETag : undefined;
  } catch (error) {
    if (["NotFound", "NoSuchKey"].includes((error as Error).name)) return undefined;
    throw error;
  }
}

/** Puts a file into a bucket, going on with the upload that a killed run has begun. Gives its ETag. */
export async function uploadInParts(
  client: S3Client,
  object: ObjectName & Pick<PutObjectCommandInput, "ServerSideEncryption" | "SSEKMSKeyId">,
  content: Content & { readonly path: string },
): Promise<string | undefined> {
  const name = { Bucket: object.Bucket, Key: object.Key };
  const begun = await begunUpload(client, name);
  if (begun) {
    await sendParts(client, { ...name, UploadId: begun }, content);
    // It was begun for what the file held then, and says so of itself.
    const same = await withContent(client, name, content);
    if (same) return same;
  }
  const { UploadId } = await client.send(
    new CreateMultipartUploadCommand({
      ...object,
      ChecksumAlgorithm: "SHA256",
      Metadata: { sha256: content.sha256 },
    }),
  );
  return sendParts(client, { ...name, UploadId: UploadId! }, content);
}

async function begunUpload(client: S3Client, { Bucket, Key }: ObjectName): Promise<string | undefined> {
  const { Uploads } = await client.send(new ListMultipartUploadsCommand({ Bucket, Prefix: Key }));
  return Uploads?.find((upload) => upload.Key === Key)?.UploadId;
}

async function sendParts(
  client: S3Client,
  upload: Upload,
  { path, bytes }: { path: string; bytes: number },
): Promise<string | undefined> {
  const size = Math.max(PART_BYTES, Math.ceil(bytes / MOST_PARTS));
  const there = await partsOf(client, upload);
  const parts: CompletedPart[] = [];
  let next = 0;
  const file = await open(path);
  const sender = async () => {
    for (let index = next++; index * size < bytes; index = next++) {
      const body = await partAt(file, index * size, Math.min(size, bytes - index * size));
      const ChecksumSHA256 = base64(sumOf(body));
      const PartNumber = index + 1;
      const known = there.get(PartNumber);
      const { ETag } =
        known?.ChecksumSHA256 === ChecksumSHA256
          ? known
          : await client.send(new UploadPartCommand({ ...upload, PartNumber, Body: body, ChecksumSHA256 }));
      parts[index] = { PartNumber, ETag, ChecksumSHA256 };
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, sender));
  } finally {
    await file.close();
  }
  const whole = new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts: parts } });
  return (await client.send(whole)).ETag;
}

async function partAt(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, at);
  if (bytesRead < length) throw new Error("it became shorter while it was copied");
  return buffer;
}

/** What is there of an upload, by number of the part. */
async function partsOf(client: S3Client, upload: Upload): Promise<Map<number, CompletedPart>> {
  const found = new Map<number, CompletedPart>();
  let marker: string | undefined;
  do {
    const page = await client.send(new ListPartsCommand({ ...upload, PartNumberMarker: marker }));
    for (const part of page.Parts ?? []) found.set(part.PartNumber!, part);
    marker = page.IsTruncated ? page.NextPartNumberMarker : undefined;
  } while (marker);
  return found;
}

/** As S3 takes checksums. */
export function base64(hex: string): string {
  return Buffer.from(hex, "hex").toString("base64");
}
