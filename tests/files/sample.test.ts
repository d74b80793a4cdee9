/** The sample application with an inbox in a bucket: uploads, downloads and batches, on two machines, one of which dies. */
import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateBucketCommand,
  ListObjectVersionsCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { bucketPolicy } from "../../components/artifact-store/bucket-policy";
import { region, TestEmulator } from "../support/emulator";
import { until } from "../support/sandbox";
import { freePort } from "./support/nfs-server";
import { TestQueue } from "./support/test-queue";

jest.setTimeout(10 * 60_000);

const ROOT = join(__dirname, "..", "..");
const BUCKET = "uploads-of-shop";
const ACCOUNT = "123456789012";
const KEY = `arn:aws:kms:${region}:${ACCOUNT}:key/1`;
let folder: string;
let emulator: TestEmulator;
let s3: S3Client;
let queue: TestQueue;
let supplier: Server;
const machines: ChildProcess[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "retrofit-sample-"));
  installed();
  emulator = new TestEmulator(join(folder, "journal"));
  await emulator.start();
  ({ s3 } = emulator.clients());
  const Bucket = BUCKET;
  await s3.send(
    new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: region } }),
  );
  await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }));
  const bucketArn = `arn:aws:s3:::${BUCKET}`;
  const Policy = bucketPolicy({ bucketArn, accountId: ACCOUNT, keyArn: KEY, encryptionHeader: true });
  await s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
  queue = await TestQueue.of(s3, emulator.endpoint, BUCKET, 10);
  supplier = createServer((_, response) => response.end("Kettle;39\nLamp;59\n")).listen(0, "127.0.0.1");
});
afterAll(async () => {
  for (const machine of machines) machine.kill("SIGKILL");
  supplier?.close();
  await emulator?.end();
  rmSync(folder, { recursive: true, force: true });
});

/** The release with the two packages beside it, as npm would put them there; the library as it is in this checkout. */
function installed(): void {
  cpSync(join(ROOT, "sample/releases/1.1.0"), folder, { recursive: true });
  const library = join(folder, "node_modules/@retrofit/aws");
  mkdirSync(library, { recursive: true });
  symlinkSync(join(ROOT, "node_modules/@aws-sdk"), join(folder, "node_modules/@aws-sdk"));
  writeFileSync(join(library, "package.json"), JSON.stringify({ exports: { "./inbox": "./inbox.js" } }));
  const worker = JSON.stringify(join(ROOT, "components/artifact-store/inbox-worker"));
  writeFileSync(join(library, "inbox.js"), `module.exports = require(${worker});\n`);
}

/** Starts the shop on a machine of its own; gives its address. */
async function boot(machine: string): Promise<string> {
  const port = await freePort();
  const env = {
    ...process.env,
    AWS_ENDPOINT_URL: emulator.endpoint,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: "AKIASANDBOX000000000",
    AWS_SECRET_ACCESS_KEY: "sandbox",
    HOST: "127.0.0.1",
    PORT: String(port),
    MACHINE_ID: machine,
    FILES_UPLOADS_BUCKET: BUCKET,
    FILES_UPLOADS_KEY: KEY,
    FILES_UPLOADS_QUEUE: queue.url,
    FILES_UPLOADS_DEAD_LETTERS: queue.deadLetterUrl,
    FILES_UPLOADS_CLAIM_SECONDS: "3",
    SUPPLIER_URL: `http://127.0.0.1:${(supplier.address() as AddressInfo).port}/`,
    TS_NODE_PROJECT: join(ROOT, "tsconfig.json"),
  };
  const args = ["-r", join(ROOT, "node_modules/ts-node/register/transpile-only"), "server.js"];
  machines.push(spawn(process.execPath, args, { cwd: folder, env, stdio: ["ignore", "ignore", "inherit"] }));
  const url = `http://127.0.0.1:${port}`;
  await until("it listens", () => fetch(`${url}/healthz`).then(Boolean, () => false), 60);
  return url;
}

const post = (url: string, body?: string) => fetch(url, { method: "POST", ...(body && { body }) });

test("uploads, downloads and batches of two machines are each processed once, although one of them dies", async () => {
  const [one, other] = [await boot("i-1"), await boot("i-2")];
  const expected: Record<string, string> = {};
  const upload = async (url: string, index: number) => {
    const name = `order-${index}.csv`;
    expected[name] = String(1 + (index % 3));
    expect((await post(`${url}/files?name=${name}`, "1;Lamp\n".repeat(1 + (index % 3)))).status).toBe(200);
  };
  for (let i = 0; i < 10; i++) await upload(i % 2 ? one : other, i);
  for (const path of ["prices", "batch"]) {
    const { name } = (await (await post(`${one}/files/${path}`)).json()) as { name: string };
    expected[name] = path === "prices" ? "2" : "3";
  }
  machines[0]!.kill("SIGKILL");
  for (let i = 10; i < 20; i++) await upload(other, i);
  const processed = async () => (await (await fetch(`${other}/files`)).json()) as Record<string, string>;
  const count = Object.keys(expected).length;
  await until("all are processed", async () => Object.keys(await processed()).length === count, 120);
  expect(await processed()).toEqual(expected);
  const { Versions = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket: BUCKET }));
  const receipts = Versions.map(({ Key }) => Key!).filter((key) => key.endsWith(".receipt"));
  expect(receipts.length).toBe(count);
  // Nothing is left that an alarm would tell of.
  await until("no message is left", async () => (await queue.lengths())[0] === 0, 60);
  expect(await queue.lengths()).toEqual([0, 0]);
});

test("a name that was processed, one that leads elsewhere, and too much of one are refused", async () => {
  const url = await boot("i-3");
  const status = async (name: string, body: string) =>
    (await post(`${url}/files?name=${encodeURIComponent(name)}`, body)).status;
  expect(await status("order-0.csv", "1;Lamp\n")).toBe(409);
  expect(await status("../claims/x", "1;Lamp\n")).toBe(400);
  expect(await status("large.csv", "x".repeat(10 * 1024 ** 2 + 1))).toBe(413);
});
