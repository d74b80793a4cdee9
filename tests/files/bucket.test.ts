/** A store's bucket on the emulator: its policy enforced on real requests, s3fs for real, an inbox and an import that are killed. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateBucketCommand,
  DeleteBucketPolicyCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { bucketPolicy } from "../../components/artifact-store/bucket-policy";
import { workInbox } from "../../components/artifact-store/inbox-worker";
import { bucketMount } from "../../components/artifact-store/mounts";
import { encryptedWith } from "../../components/artifact-store/objects";
import { packArtifactSync } from "../../components/artifact-store/pack";
import { folderTarget } from "../../release/files/folder-target";
import { importFolder, sumOf } from "../../release/files/import";
import { carry } from "../../release/promotion/carry";
import { fetchArtifact } from "../../release/promotion/evidence";
import { publishArtifact, readProvenance } from "../../release/publish";
import { ensureDebianPackages } from "../../sandbox/toolchain/debian";
import { region, TestEmulator } from "../support/emulator";
import { until } from "../support/sandbox";
import { ImportTrial } from "./support/import-trial";
import { TestQueue } from "./support/test-queue";

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

/** The policy of a store that refuses what does not ask for encryption. */
const refusing = () =>
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
  );

describe("the generated policy, enforced by the emulator", () => {
  const put = (client: S3Client, more: object = {}) =>
    client.send(new PutObjectCommand({ Bucket, Key: "a.txt", Body: "a", ...more }));
  const encrypted = { ServerSideEncryption: "aws:kms" };

  beforeAll(refusing);
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
  await refusing();
  const { bin, env } = await ensureDebianPackages(["s3fs", "fuse3"]);
  const mount = join(folder, "mount");
  mkdirSync(mount);
  writeFileSync(join(folder, "passwd"), "AKIASANDBOX000000000:sandbox\n", { mode: 0o600 });
  const asMachines = bucketMount("s3fs", { bucket: Bucket, keyArn: KEY, locked: true }).options!;
  const here = `passwd_file=${folder}/passwd,url=${emulator.endpoint},endpoint=${region}`;
  const options = asMachines.replace("iam_role=auto", here);
  const child = spawn(bin("s3fs"), [Bucket, mount, "-f", "-o", options], {
    env: { ...process.env, ...env },
    stdio: "ignore",
  });
  try {
    await until("it is mounted", () => readFileSync("/proc/mounts", "utf8").includes(mount), 30);
    writeFileSync(join(mount, "letter.txt"), "Dear all");
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: "letter.txt" }));
    expect(await Body!.transformToString()).toBe("Dear all");
    const sent = { Bucket, Key: "answer.txt", Body: "Thanks", ...encryptedWith(KEY) };
    await s3.send(new PutObjectCommand(sent));
    expect(readFileSync(join(mount, "answer.txt"), "utf8")).toBe("Thanks");
  } finally {
    spawnSync("umount", ["-l", mount]);
    child.kill("SIGKILL");
    await s3.send(new DeleteBucketPolicyCommand({ Bucket }));
  }
});

describe("an inbox with many workers, one of which is killed again and again", () => {
  const keys = async (prefix: string) =>
    ((await s3.send(new ListObjectsV2Command({ Bucket, Prefix: prefix }))).Contents ?? []).map(
      ({ Key }) => Key!,
    );

  let queue: TestQueue;
  beforeAll(async () => {
    queue = await TestQueue.of(s3, emulator.endpoint, Bucket, 10);
  });

  test("every file is processed once, and nothing is left on the way", async () => {
    const script = join(__dirname, "support", "inbox-process.ts");
    const names: string[] = [];
    const taken: string[] = [];
    const startWorker = (name: string): ChildProcess => {
      const rest = [emulator.endpoint, Bucket, name, "40", queue.url, queue.deadLetterUrl];
      const args = ["-r", "ts-node/register/transpile-only", script, ...rest];
      const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
      child.stdout!.on("data", (chunk: Buffer) => taken.push(...chunk.toString().trim().split("\n")));
      return child;
    };
    const steady = ["one", "two"].map(startWorker);
    let clumsy = startWorker("clumsy-0");
    try {
      for (let round = 0; round < 4; round++) {
        // Files come in, as fast as they are worked on, until it has one of them, and it is killed while it works on it.
        const end = Date.now() + 120_000;
        while (!taken.includes(`clumsy-${round}`)) {
          if (Date.now() > end) throw new Error(`clumsy-${round} has taken no file in 120 s`);
          const name = `order-${String(names.length).padStart(4, "0")}.csv`;
          names.push(name);
          await s3.send(new PutObjectCommand({ Bucket, Key: `incoming/${name}`, Body: name }));
          await until("few wait", async () => (await keys("incoming/")).length < 10, 60);
        }
        clumsy.kill("SIGKILL");
        clumsy = startWorker(`clumsy-${round + 1}`);
      }
      await until("nothing waits", async () => (await keys("incoming/")).length === 0, 120);
      // Also what S3 said of itself when it was told of the queue, and what those who were killed have had.
      await until("no message is left", async () => (await queue.lengths())[0] === 0, 60);
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
    expect([await keys("rejected/"), await queue.lengths()]).toEqual([[], [0, 0]]);
  });

  test("an infected file, and one that cannot be processed, are put aside and told of", async () => {
    for (const name of ["virus.exe", "broken.csv"]) {
      await s3.send(new PutObjectCommand({ Bucket, Key: `incoming/${name}`, Body: name }));
    }
    let now = Date.now();
    const work = () =>
      workInbox(s3, {
        bucket: Bucket,
        worker: "one",
        queue,
        attempts: 2,
        claimSeconds: 1,
        now: () => now,
        scan: async ({ name }) => (name === "virus.exe" ? "infected" : "clean"),
        process: async () => {
          throw new Error("no such column");
        },
      });
    await work();
    expect(await keys("rejected/")).toEqual(["rejected/virus.exe"]);
    now += 2000;
    await work();
    expect(await keys("rejected/")).toEqual(["rejected/broken.csv", "rejected/virus.exe"]);
    expect(await keys("incoming/")).toEqual([]);
    const noneLeft = async () => {
      await work();
      return (await queue.lengths())[0] === 0;
    };
    await until("no message is left", noneLeft, 30);
    const letter = { bucket: Bucket, worker: "one" };
    expect(await queue.deadLetters()).toEqual([
      { ...letter, key: "rejected/virus.exe", reason: "infected" },
      { ...letter, key: "rejected/broken.csv", reason: "no such column" },
    ]);
  });

  test("a file that every worker dies in is given up as well", async () => {
    await s3.send(new PutObjectCommand({ Bucket, Key: "incoming/bomb.zip", Body: "bomb" }));
    const begun: string[] = [];
    let now = Date.now();
    for (const worker of ["one", "two", "three"]) {
      let died = () => {};
      const death = new Promise<void>((resolve) => {
        died = resolve;
      });
      const process = (): Promise<string> => {
        begun.push(worker);
        died();
        // It never comes back from it.
        return new Promise(() => {});
      };
      const options = { bucket: Bucket, worker, queue, attempts: 2, claimSeconds: 1, now: () => now };
      await Promise.race([workInbox(s3, { ...options, process }), death]);
      now += 2000;
    }
    expect(begun).toEqual(["one", "two"]);
    expect(await keys("rejected/")).toContain("rejected/bomb.zip");
    expect(await queue.deadLetters()).toEqual([
      expect.objectContaining({ key: "rejected/bomb.zip", reason: "not finished in 2 tries" }),
    ]);
  });

  test("another file of a name that was processed is put aside, not archived unseen; the same file again is no harm", async () => {
    const seen: string[] = [];
    const arrives = async (content: string) => {
      await s3.send(new PutObjectCommand({ Bucket, Key: "incoming/prices.csv", Body: content }));
      const process = async (file: { content: Uint8Array }) => {
        seen.push(Buffer.from(file.content).toString());
        return "done";
      };
      await workInbox(s3, { bucket: Bucket, worker: "one", process });
      return (await keys("rejected/")).includes("rejected/prices.csv");
    };
    expect(await arrives("monday")).toBe(false);
    expect(await arrives("monday")).toBe(false);
    expect(await arrives("tuesday")).toBe(true);
    expect(seen).toEqual(["monday"]);
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: "archive/prices.csv" }));
    expect(await Body!.transformToString()).toBe("monday");
  });
});

describe("files import", () => {
  /** 50,000 files and one of 5 GB take a command of their own: `npm run test:files:large`. */
  const [files, parts] = [400, 6];
  let trial: ImportTrial;

  beforeAll(() => {
    trial = new ImportTrial(emulator, s3, Bucket, join(folder, "source"), files, parts);
    trial.makeSource();
  });

  test("killed twice and begun again it ends with every file, with identical sums and none twice", async () => {
    for (const share of [0.3, 0.6]) await trial.killAt(share, 240);
    expect(await trial.finish()).toMatchObject({ files: files + 1, differences: [] });
    expect(await trial.finish()).toMatchObject({ copied: 0, skipped: files + 1, differences: [] });
    expect(await trial.differences()).toEqual({ different: [], twice: [] });
    // Those that were on their way at a kill, four at a time, may be sent again.
    expect(trial.partsSent()).toBeLessThanOrEqual(parts + 8);
  });

  test("only what changed is copied, what is missing is said", async () => {
    writeFileSync(join(trial.source, "00", "0.txt"), "another content");
    execFileSync("mkfifo", [join(trial.source, "pipe")]);
    const { json, exitCode } = await trial.begin().finished;
    expect([exitCode, json.copied]).toEqual([1, 1]);
    expect(json.differences).toEqual([{ key: "pipe", problem: "neither a file nor a folder: not copied" }]);
  });

  test("what is gone from the store comes back; what somebody has changed there is told, and left as it is", async () => {
    rmSync(join(trial.source, "pipe"));
    const of = (key: string) => ({ Bucket, Key: `imported/${key}` });
    const read = async (key: string) => {
      const { Body } = await s3.send(new GetObjectCommand(of(key)));
      return Body!.transformToString();
    };
    await s3.send(new DeleteObjectCommand(of("01/1.txt")));
    await s3.send(new PutObjectCommand({ ...of("02/2.txt"), Body: "of somebody else" }));
    // Of a run that was killed between the store and its journal: no difference.
    writeFileSync(join(trial.source, "03", "3.txt"), "newer");
    const Metadata = { sha256: sumOf(Buffer.from("newer")) };
    await s3.send(new PutObjectCommand({ ...of("03/3.txt"), Body: "newer", Metadata }));
    const { json, exitCode } = await trial.begin().finished;
    expect(exitCode).toBe(1);
    expect(json).toMatchObject({ copied: 1, missing: 1, skipped: files - 1 });
    expect(json.differences).toEqual([
      { key: "02/2.txt", problem: expect.stringMatching(/changed it in the store/) },
    ]);
    expect([await read("01/1.txt"), await read("02/2.txt")]).toEqual([
      "file 1\nfile 1\n",
      "of somebody else",
    ]);
    expect(await trial.finish("--overwrite")).toMatchObject({ copied: 1, missing: 0, differences: [] });
    expect(await read("02/2.txt")).toBe("file 2\n".repeat(3));
  });

  test("into a folder as well", async () => {
    const to = join(folder, "share");
    mkdirSync(to);
    const from = join(trial.source, "00");
    const report = (options: object = {}) =>
      importFolder(from, folderTarget(to), {
        parallel: 4,
        journal: join(folder, "share.import"),
        ...options,
      });
    expect(await report()).toMatchObject({ copied: 4, differences: [] });
    expect(await report()).toMatchObject({ copied: 0, skipped: 4, differences: [] });
    rmSync(join(to, "0.txt"));
    writeFileSync(join(to, "100.txt"), "of somebody else");
    expect(await report()).toMatchObject({
      copied: 1,
      missing: 1,
      skipped: 2,
      differences: [{ key: "100.txt", problem: expect.stringMatching(/changed it in the store/) }],
    });
    expect(readFileSync(join(to, "0.txt"), "utf8")).toBe("another content");
    expect(await report({ overwrite: true })).toMatchObject({ copied: 1, skipped: 3, differences: [] });
  });
});

test("a promoted artifact says in the next bucket what it said in the first: commit, builder and time", async () => {
  const source = join(folder, "built");
  mkdirSync(source);
  writeFileSync(join(source, "server.js"), "serve();");
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=Ada", "-c", "user.email=ada@example.com", ...args], {
      cwd: source,
    });
  git("init", "--quiet");
  git("add", ".");
  git("commit", "--quiet", "--message", "First");
  const commit = git("rev-parse", "HEAD").toString().trim();
  const packed = packArtifactSync(source);
  const artifact = { bucket: Bucket, application: "shop", version: "1.4.0", sha256: packed.sha256 };
  await publishArtifact(s3, artifact, packed, source);
  const before = await readProvenance(s3, artifact);
  expect(before).toMatchObject({ commit, builder: expect.stringContaining("@"), sha256: packed.sha256 });
  const next = { ...artifact, bucket: `${Bucket}-next` };
  await s3.send(
    new CreateBucketCommand({
      Bucket: next.bucket,
      CreateBucketConfiguration: { LocationConstraint: region },
    }),
  );
  await carry({ artifact, s3 }, (await fetchArtifact(s3, artifact))!, [], next.bucket);
  expect(await readProvenance(s3, next)).toEqual(before);
  expect(sumOf((await fetchArtifact(s3, next))!)).toBe(packed.sha256);
});
