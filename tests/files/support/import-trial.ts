/** `retrofit files import` of many small files and a large one, killed twice on the way, and what is in the bucket then. */
import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  ListPartsCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { sha256Of } from "../../../release/files/import";
import { PART_BYTES } from "../../../release/files/upload-in-parts";
import { type Answer, retrofit } from "../../support/command-line";
import { region, type TestEmulator } from "../../support/emulator";
import { until } from "../../support/sandbox";

const PREFIX = "imported/";
/** Among the first by its name, so that it is under way while the others are. */
const LARGE = "00.bin";
const READERS = 8;

export class ImportTrial {
  constructor(
    private readonly emulator: TestEmulator,
    private readonly s3: S3Client,
    private readonly bucket: string,
    readonly source: string,
    private readonly files: number,
    private readonly parts: number,
  ) {}

  makeSource(): void {
    for (let i = 0; i < this.files; i++) {
      const place = join(this.source, String(i % 100).padStart(2, "0"));
      if (i < 100) mkdirSync(place, { recursive: true });
      writeFileSync(join(place, `${i}.txt`), `file ${i}\n`.repeat(1 + (i % 50)));
    }
    const block = randomBytes(PART_BYTES);
    for (let part = 0; part < this.parts; part++) {
      // Each of its own kind, or one in another's place would not be seen.
      block.writeUInt32LE(part);
      appendFileSync(join(this.source, LARGE), block);
    }
  }

  begin(...options: string[]) {
    const to = `s3://${this.bucket}/${PREFIX}`;
    return retrofit(["files", "import", this.source, "--to", to, "--json", ...options], {
      AWS_ENDPOINT_URL: this.emulator.endpoint,
      AWS_ACCESS_KEY_ID: "AKIASANDBOX000000000",
      AWS_SECRET_ACCESS_KEY: "sandbox",
      AWS_REGION: region,
    });
  }

  async finish(...options: string[]): Promise<Answer> {
    const { json, exitCode, stderr } = await this.begin(...options).finished;
    if (exitCode !== 0) throw new Error(stderr.slice(-4000));
    return json;
  }

  /** Begins, and kills it when this share of the small files and of the large one are there. */
  async killAt(share: number, seconds: number): Promise<void> {
    const files = Math.min(this.files, Math.max(this.files * share, this.copied() + 1));
    const running = this.begin();
    try {
      await until(
        "a part of the files is there, and a part of the large one",
        async () => this.copied() >= files && (await this.partsThere()) >= this.parts * share,
        seconds,
      );
    } finally {
      running.child.kill("SIGKILL");
      await running.finished;
    }
  }

  /** What differs between source and bucket, and what is there more than once. */
  async differences(): Promise<{ different: string[]; twice: string[] }> {
    const versions = await this.versions();
    const keys = [...versions.keys()];
    const different = new Set(keys);
    const names = keys[Symbol.iterator]();
    const compare = async () => {
      for (const key of names) {
        const path = join(this.source, key.slice(PREFIX.length));
        if (existsSync(path) && (await sha256Of(path)) === (await this.storedSum(key))) different.delete(key);
      }
    };
    await Promise.all(Array.from({ length: READERS }, compare));
    if (keys.length !== this.files + 1) different.add(`${keys.length} files`);
    return { different: [...different], twice: keys.filter((key) => versions.get(key)! > 1) };
  }

  /** Requests with a part of the large file, from the emulator's journal. */
  partsSent(): number {
    return Number(execFileSync("grep", ["-c", '"query":"[^"]*partNumber=', this.emulator.journal]));
  }

  private copied(): number {
    const journal = `${this.source}.import`;
    return existsSync(journal) ? readFileSync(journal, "utf8").split("\n").length - 1 : 0;
  }

  /** All of them once the file is whole. */
  private async partsThere(): Promise<number> {
    const of = { Bucket: this.bucket, Prefix: `${PREFIX}${LARGE}` };
    const { Uploads: [upload] = [] } = await this.s3.send(new ListMultipartUploadsCommand(of));
    if (!upload) return (await this.s3.send(new ListObjectsV2Command(of))).KeyCount! * this.parts;
    const { UploadId, Key } = upload;
    try {
      const parts = new ListPartsCommand({ Bucket: this.bucket, Key, UploadId });
      return (await this.s3.send(parts)).Parts?.length ?? 0;
    } catch (error) {
      // Completed since it was asked for.
      if ((error as Error).name === "NoSuchUpload") return this.partsThere();
      throw error;
    }
  }

  private async versions(): Promise<Map<string, number>> {
    const found = new Map<string, number>();
    let marker: { KeyMarker?: string; VersionIdMarker?: string } = {};
    for (let more = true; more; ) {
      const page = await this.s3.send(
        new ListObjectVersionsCommand({ Bucket: this.bucket, Prefix: PREFIX, ...marker }),
      );
      for (const { Key } of page.Versions ?? []) found.set(Key!, (found.get(Key!) ?? 0) + 1);
      more = page.IsTruncated ?? false;
      marker = { KeyMarker: page.NextKeyMarker!, VersionIdMarker: page.NextVersionIdMarker! };
    }
    return found;
  }

  private async storedSum(Key: string): Promise<string> {
    const sum = createHash("sha256");
    const { Body } = await this.s3.send(new GetObjectCommand({ Bucket: this.bucket, Key }));
    for await (const chunk of Body as AsyncIterable<Buffer>) sum.update(chunk);
    return sum.digest("hex");
  }
}
