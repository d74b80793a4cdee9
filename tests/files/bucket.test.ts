/** A store's bucket on the emulator: its policy enforced on real requests, s3fs for real, an inbox and an import that are killed. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateBucketCommand,
  DeleteBucketPolicyCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  ListPartsCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { bucketPolicy } from "../../components/artifact-store/bucket-policy";
import { workInbox } from "../../components/artifact-store/inbox-worker";
import { ensureDebianPackages } from "../../sandbox/toolchain/debian";
import { retrofit } from "../support/command-line";
import { region, TestEmulator } from "../support/emulator";
import { until } from "../support/sandbox";

jest.setTimeout(600_000);

const Bucket = "files-of-shop";
const ACCOUNT = "123456789012";
const KEY = `arn:aws:kms:${region}:${ACCOUNT}:key/1`;
let folder: string;
let emulator: TestEmulator;
let s3: S3Client;

const clientOf = (accountId?: string, header?: [string, string]) => {
  const credentials = { accessKeyId: "AKIASANDBOX000000000", secretAccessKey: "sandbox" };
  const client = new S3Client({
    endpoint: emulator.endpoint,
    region,
    credentials,
    forcePathStyle: true,
    maxAttempts: 1,
  });
  const headers = [...(accountId ? [["x-moto-account-id", accountId]] : []), ...(header ? [header] : [])];
  client.middlewareStack.add(
    (next) => async (args) => {
      for (const [name, value] of headers) {
        (args.request as { headers: Record<string, string> }).headers[name!] = value!;
      }
      return next(args);
    },
    { step: "build" },
  );
  return client;
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "retrofit-bucket-"));
  emulator = new TestEmulator(join(folder, "journal"));
  await emulator.start();
  s3 = clientOf();
  await s3.send(
    new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: region } }),
  );
  await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }));
});
afterAll(async () => {
  await emulator?.end();
  rmSync(folder, { recursive: true, force: true });
});

describe("the generated policy, enforced by the emulator", () => {
  const put = (client: S3Client, more: object = {}) =>
    client.send(new PutObjectCommand({ Bucket, Key: "a.txt", Body: "a", ...more }));
  const encrypted = { ServerSideEncryption: "aws:kms" };

  beforeAll(() =>
    s3.send(
      new PutBucketPolicyCommand({
        Bucket,
        Policy: bucketPolicy({
          bucketArn: `arn:aws:s3:::${Bucket}`,
          accountId: ACCOUNT,
          keyArn: KEY,
          encryptionHeader: true,
        }),
      }),
    ),
  );
  afterAll(() => s3.send(new DeleteBucketPolicyCommand({ Bucket })));

  test("what is encrypted, by TLS and of this account is let through", async () => {
    await put(s3, { ...encrypted, SSEKMSKeyId: KEY });
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: "a.txt" }));
    expect(await Body!.transformToString()).toBe("a");
  });

  test.each([
    ["a write that asks for no encryption", () => put(s3)],
    ["a write with another encryption", () => put(s3, { ServerSideEncryption: "AES256" })],
    ["a write with another key", () => put(s3, { ...encrypted, SSEKMSKeyId: `${KEY}2` })],
    ["plain HTTP", () => put(clientOf(undefined, ["x-forwarded-proto", "http"]), encrypted)],
    ["another account", () => put(clientOf("210987654321"), encrypted)],
  ])("%s is refused", async (_what, request) => {
    await expect(request()).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } });
  });
});

test("s3fs, as machines mount a bucket: files are objects, and objects files", async () => {
  const { bin, env } = await ensureDebianPackages(["s3fs", "fuse3"]);
  const mount = join(folder, "mount");
  mkdirSync(mount);
  writeFileSync(join(folder, "passwd"), "AKIASANDBOX000000000:sandbox\n", { mode: 0o600 });
  const options = `passwd_file=${folder}/passwd,url=${emulator.endpoint},use_path_request_style,endpoint=${region}`;
  const child = spawn(bin("s3fs"), [Bucket, mount, "-f", "-o", options], {
    env: { ...process.env, ...env },
    stdio: "ignore",
  });
  try {
    await until("it is mounted", () => readFileSync("/proc/mounts", "utf8").includes(mount), 30);
    writeFileSync(join(mount, "letter.txt"), "Dear all");
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: "letter.txt" }));
    expect(await Body!.transformToString()).toBe("Dear all");
    await s3.send(new PutObjectCommand({ Bucket, Key: "answer.txt", Body: "Thanks" }));
    expect(readFileSync(join(mount, "answer.txt"), "utf8")).toBe("Thanks");
  } finally {
    spawnSync("umount", ["-l", mount]);
    child.kill("SIGKILL");
  }
});

describe("an inbox with many workers, one of which is killed again and again", () => {
  const keys = async (prefix: string) =>
    ((await s3.send(new ListObjectsV2Command({ Bucket, Prefix: prefix }))).Contents ?? []).map(
      ({ Key }) => Key!,
    );

  test("every file is processed once, and nothing is left on the way", async () => {
    const script = join(__dirname, "support", "inbox-process.ts");
    const names: string[] = [];
    const taken: string[] = [];
    const startWorker = (name: string): ChildProcess => {
      const args = ["-r", "ts-node/register/transpile-only", script, emulator.endpoint, Bucket, name, "40"];
      const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
      child.stdout!.on("data", (chunk: Buffer) => taken.push(...chunk.toString().trim().split("\n")));
      return child;
    };
    const steady = ["one", "two"].map(startWorker);
    let clumsy = startWorker("clumsy-0");
    try {
      for (let round = 0; round < 4; round++) {
        // Files come in until it has one of them, and it is killed while it works on it.
        const end = Date.now() + 60_000;
        while (!taken.includes(`clumsy-${round}`)) {
          if (Date.now() > end) throw new Error(`clumsy-${round} has taken no file in 60 s`);
          const name = `order-${String(names.length).padStart(4, "0")}.csv`;
          names.push(name);
          await s3.send(new PutObjectCommand({ Bucket, Key: `incoming/${name}`, Body: name }));
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
        clumsy.kill("SIGKILL");
        clumsy = startWorker(`clumsy-${round + 1}`);
      }
      await until("nothing waits", async () => (await keys("incoming/")).length === 0, 120);
    } finally {
      for (const child of [...steady, clumsy]) child.kill("SIGKILL");
    }
    const archived = await keys("archive/");
    expect(archived.filter((key) => !key.endsWith(".receipt"))).toEqual(
      names.map((name) => `archive/${name}`),
    );
    expect(archived.filter((key) => key.endsWith(".receipt"))).toHaveLength(names.length);
    // One receipt of each was written, and never another over it.
    const { Versions } = await s3.send(new ListObjectVersionsCommand({ Bucket, Prefix: "archive/" }));
    const receipts = (Versions ?? []).filter(({ Key }) => Key!.endsWith(".receipt"));
    expect(receipts).toHaveLength(names.length);
    expect(await keys("rejected/")).toEqual([]);
  });

  test("an infected file, and one that cannot be processed, are put aside", async () => {
    for (const name of ["virus.exe", "broken.csv"]) {
      await s3.send(new PutObjectCommand({ Bucket, Key: `incoming/${name}`, Body: name }));
    }
    let now = Date.now();
    const work = () =>
      workInbox(s3, {
        bucket: Bucket,
        worker: "one",
        attempts: 2,
        now: () => now,
        scan: async ({ name }) => (name === "virus.exe" ? "infected" : "clean"),
        process: async () => {
          throw new Error("no such column");
        },
      });
    await work();
    expect(await keys("rejected/")).toEqual(["rejected/virus.exe"]);
    now += 301_000;
    await work();
    expect(await keys("rejected/")).toEqual(["rejected/broken.csv", "rejected/virus.exe"]);
    expect(await keys("incoming/")).toEqual([]);
  });
});

describe("files import", () => {
  /** Sizes are those of RETROFIT_LARGE, by a command of its own: 50,000 files and one of 5 GB. */
  const large = process.env.RETROFIT_LARGE !== undefined;
  const [files, bytes] = large ? [50_000, 5 * 1024 ** 3] : [400, 96 * 1024 ** 2];
  const PART = 16 * 1024 ** 2;
  /** Among the first by its name, so that it is under way while the others are. */
  const LARGE = "00.bin";
  let source: string;

  beforeAll(() => {
    source = join(folder, "source");
    for (let i = 0; i < files; i++) {
      const place = join(source, String(i % 100).padStart(2, "0"));
      if (i < 100) mkdirSync(place, { recursive: true });
      writeFileSync(join(place, `${i}.txt`), `file ${i}\n`.repeat(1 + (i % 50)));
    }
    const block = randomBytes(PART);
    // Of its own kind in each part, or a part in another's place would not be seen.
    for (let written = 0; written < bytes; written += block.length) {
      block.writeUInt32LE(written / block.length);
      writeFileSync(join(source, LARGE), block, { flag: "a" });
    }
  });

  const environment = () => ({
    AWS_ENDPOINT_URL: emulator.endpoint,
    AWS_ACCESS_KEY_ID: "AKIASANDBOX000000000",
    AWS_SECRET_ACCESS_KEY: "sandbox",
    AWS_REGION: region,
  });
  const begin = () =>
    retrofit(["files", "import", source, "--to", `s3://${Bucket}/imported`, "--json"], environment());

  /** How many parts of the large file are there; all of them once it is whole. */
  async function largeParts(): Promise<number> {
    const of = { Bucket, Prefix: `imported/${LARGE}` };
    const { Uploads = [] } = await s3.send(new ListMultipartUploadsCommand(of));
    const [upload] = Uploads;
    if (!upload) return (await s3.send(new ListObjectsV2Command(of))).KeyCount! * (bytes / PART);
    const { UploadId, Key } = upload;
    const { Parts = [] } = await s3.send(new ListPartsCommand({ Bucket, Key, UploadId }));
    return Parts.length;
  }

  test("killed twice and begun again it ends with every file, with identical sums and none twice", async () => {
    const journal = `${source}.import`;
    const lines = () => (existsSync(journal) ? readFileSync(journal, "utf8").split("\n").length - 1 : 0);
    for (const share of [0.3, 0.6]) {
      const running = begin();
      await until(
        "a part of the files is there, and a part of the large one",
        async () => lines() > files * share && (await largeParts()) >= share * Math.floor(bytes / PART),
        large ? 3600 : 120,
      );
      running.child.kill("SIGKILL");
      await running.finished;
    }
    const { json, exitCode, stderr } = await begin().finished;
    if (exitCode !== 0) throw new Error(stderr);
    expect(json).toMatchObject({ files: files + 1, differences: [] });
    const again = (await begin().finished).json;
    expect(again).toMatchObject({ files: files + 1, copied: 0, skipped: files + 1, differences: [] });

    const stored = new Map<string, number>();
    let marker: { KeyMarker?: string; VersionIdMarker?: string } = {};
    for (let more = true; more; ) {
      const page = await s3.send(new ListObjectVersionsCommand({ Bucket, Prefix: "imported/", ...marker }));
      for (const { Key } of page.Versions ?? []) stored.set(Key!, (stored.get(Key!) ?? 0) + 1);
      more = page.IsTruncated ?? false;
      marker = { KeyMarker: page.NextKeyMarker!, VersionIdMarker: page.NextVersionIdMarker! };
    }
    expect(stored.size).toBe(files + 1);
    expect([...stored.values()].every((versions) => versions === 1)).toBe(true);
    // Parts that were on their way at a kill may be sent again, and no others.
    const sent = execFileSync("grep", ["-c", "-m10000", '"query":"[^"]*partNumber=', emulator.journal]);
    expect(Number(sent)).toBeLessThanOrEqual(bytes / PART + 2 * 4);
    const sum = createHash("sha256");
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: `imported/${LARGE}` }));
    for await (const chunk of Body as AsyncIterable<Buffer>) sum.update(chunk);
    const expected = execFileSync("sha256sum", [join(source, LARGE)])
      .toString()
      .split(" ")[0];
    expect(sum.digest("hex")).toBe(expected);
  });

  test("only what changed is copied, what is missing is said", async () => {
    writeFileSync(join(source, "00", "0.txt"), "another content");
    execFileSync("mkfifo", [join(source, "pipe")]);
    const { json, exitCode } = await begin().finished;
    expect([exitCode, json.copied]).toEqual([1, 1]);
    expect(json.differences).toEqual([{ key: "pipe", problem: "neither a file nor a folder: not copied" }]);
  });
});
