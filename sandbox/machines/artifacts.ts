import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { extract } from "tar";

export interface ArtifactSource {
  bucket: string;
  key: string;
  sha256: string;
}

/** Fetches releases' artifacts from S3. What was fetched is kept by its sum, and the sum is verified at every use. */
export class Artifacts {
  private readonly client: S3Client;
  private readonly fetching = new Map<string, Promise<void>>();

  constructor(
    private readonly folder: string,
    connection: { endpoint: string; region: string; accessKeyId: string; secretAccessKey: string },
  ) {
    mkdirSync(folder, { recursive: true });
    const { endpoint, region, ...credentials } = connection;
    this.client = new S3Client({ endpoint, region, credentials, forcePathStyle: true, maxAttempts: 5 });
  }

  /** Unpacks the artifact into a folder; throws when it is missing, damaged or no archive. */
  async unpack(source: ArtifactSource, into: string): Promise<void> {
    const file = join(this.folder, `${source.sha256}.tar.gz`);
    if (!existsSync(file) || (await sumOf(file)) !== source.sha256) await this.fetchOnce(source, file);
    await extract({ file, cwd: into, strict: true });
  }

  close(): void {
    this.client.destroy();
  }

  /** Machines that start together share one download. */
  private fetchOnce(source: ArtifactSource, file: string): Promise<void> {
    const running = this.fetching.get(source.sha256);
    if (running !== undefined) return running;
    const fetch = this.fetch(source, file).finally(() => this.fetching.delete(source.sha256));
    this.fetching.set(source.sha256, fetch);
    return fetch;
  }

  private async fetch({ bucket, key, sha256 }: ArtifactSource, file: string): Promise<void> {
    const part = `${file}.part`;
    try {
      const { Body } = await this.client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      await pipeline(Body as Readable, createWriteStream(part));
    } catch (error) {
      rmSync(part, { force: true });
      throw new Error(
        `cannot fetch s3://${bucket}/${key}: ${(error as Error).name}: ${(error as Error).message}`,
      );
    }
    const sum = await sumOf(part);
    if (sum !== sha256) {
      rmSync(part, { force: true });
      throw new Error(
        `s3://${bucket}/${key} has the SHA-256 ${sum}, but ${sha256} was asked for; it is not started`,
      );
    }
    renameSync(part, file);
  }
}

async function sumOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}
