/** An environment with homes for files in all three modes, on the sandbox: up, used through the application's paths, taken down. */
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListBucketsCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { writeRepositoryProgram } from "../../components/artifact-store/repository-program";
import { createWorkspace, type DemoWorkspace } from "../../release/demo/workspace";
import { ensureJackrabbit } from "../../sandbox/toolchain/jackrabbit";
import { type Answer, pulumi as plainPulumi, retrofit } from "../support/command-line";
import { until } from "../support/sandbox";

jest.setTimeout(15 * 60_000);

let workspace: DemoWorkspace;
let environment: Record<string, string>;
let outputs: Answer;
let s3: S3Client;

const run = (...args: string[]) =>
  retrofit([...args, "--sandbox", "--cwd", workspace.project, "--json"], environment).finished;
const environmentFile = () => join(workspace.project, "Pulumi.dev.yaml");
const pulumi = (args: string) => plainPulumi(workspace.project, args, environment).finished;

/** The share is kept as it would be in a protected environment, and what is in buckets is locked. */
const FILES = `  retrofit:artifacts: { objectLockDays: 1 }
  retrofit:files:
    - { name: shared, mode: share, deletable: false }
    - { name: uploads, mode: bucket, inbox: {}, unencryptedWrites: refused, replicateTo: eu-west-1, objectLockDays: 1 }
    - { name: documents, mode: repository, program: { version: 2.20.17, artifact: repository } }
`;

beforeAll(async () => {
  workspace = createWorkspace("1.0.0");
  workspace.keep();
  writeRepositoryProgram(join(workspace.project, "repository"), await ensureJackrabbit());
  appendFileSync(environmentFile(), FILES);
  environment = { RETROFIT_SANDBOX: workspace.sandbox };
  const started = await retrofit(["sandbox", "start", "--cwd", workspace.project], environment).finished;
  if (started.exitCode !== 0) throw new Error(started.stderr);
  const up = await run("up", "dev");
  if (up.exitCode !== 0) throw new Error(up.stderr.slice(-4000));
  outputs = JSON.parse((await pulumi("stack output --json --stack dev")).stdout) as Answer;
  const { endpoint } = JSON.parse(readFileSync(join(workspace.sandbox, "daemon.json"), "utf8"));
  const credentials = { accessKeyId: "AKIASANDBOX000000000", secretAccessKey: "sandbox" };
  s3 = new S3Client({ endpoint, region: "eu-central-1", credentials, forcePathStyle: true });
});

afterAll(async () => {
  await retrofit(["sandbox", "stop"], environment).finished;
  workspace.remove();
});

test("all three modes come up, and a second update finds nothing to change", async () => {
  expect(outputs.files).toEqual({
    shared: expect.objectContaining({
      mode: "share",
      deletable: false,
      fileSystemId: expect.stringMatching(/^fs-/),
    }),
    uploads: expect.objectContaining({ mode: "bucket", bucket: expect.any(String) }),
    documents: expect.objectContaining({ mode: "repository", url: expect.stringMatching(/^http:/) }),
  });
  const preview = await pulumi("preview --stack dev --expect-no-changes --diff");
  if (preview.exitCode !== 0) throw new Error(preview.stdout.slice(-6000));
});

test("objects are written as the application writes them and read back; what asks for no encryption is refused", async () => {
  const Bucket = outputs.files.uploads.bucket as string;
  const of = { Bucket, Key: "reports/1.txt" };
  await s3.send(new PutObjectCommand({ ...of, Body: "one", ServerSideEncryption: "aws:kms" }));
  expect(await (await s3.send(new GetObjectCommand(of))).Body!.transformToString()).toBe("one");
  await expect(s3.send(new PutObjectCommand({ ...of, Body: "two" }))).rejects.toThrow(/Access Denied/);
  // Another version may come, and the object may be hidden; what was written stays.
  const [written] = (await s3.send(new ListObjectVersionsCommand({ Bucket, Prefix: of.Key }))).Versions!;
  const version = { ...of, VersionId: written!.VersionId };
  await expect(s3.send(new DeleteObjectCommand(version))).rejects.toThrow(/Access Denied/);
});

test("a version is published once, with where it came from; other content under it is refused, and old ones can be pruned", async () => {
  const [release, other] = ["1.0.0", "1.1.0"].map((name) =>
    join(workspace.project, "sample", "releases", name),
  );
  const publish = (path: string, version: string) =>
    run("publish", path, "--version", version, "--environment", "dev");
  const first = await publish(release!, "7.0.0");
  if (first.exitCode !== 0) throw new Error(first.stderr);
  expect(first.json.sha256).toMatch(/^[0-9a-f]{64}$/);
  expect((await publish(release!, "7.0.0")).json.sha256).toBe(first.json.sha256);
  const refused = await publish(other!, "7.0.0");
  expect(refused.exitCode).not.toBe(0);
  expect(refused.stderr).toContain("7.0.0");

  const { json: shown } = await run("artifacts", "show", "dev", "7.0.0");
  expect(shown).toMatchObject({ version: "7.0.0", sha256: first.json.sha256, stored: true });
  expect(shown).toMatchObject({ builder: expect.any(String), publishedAt: expect.any(String) });
  const versions = async (): Promise<string[]> =>
    (await run("artifacts", "list", "dev")).json.versions.map(({ version }: Answer) => version);
  expect((await publish(other!, "7.1.0")).exitCode).toBe(0);
  expect(await versions()).toEqual(["1.0.0", "7.0.0", "7.1.0"]);
  expect((await run("artifacts", "prune", "dev", "--keep", "1", "--yes")).json.pruned).toEqual(["7.0.0"]);
  // The live one stays, however old it is.
  expect(await versions()).toEqual(["1.0.0", "7.1.0"]);
  // What was pruned is locked; by somebody who may lift the lock it goes for good.
  const stored = async (version: string) => {
    const of = { Bucket: outputs.artifactBucket as string, Prefix: `releases/shop/${version}/` };
    return ((await s3.send(new ListObjectVersionsCommand(of))).Versions ?? []).length;
  };
  expect(await stored("7.0.0")).toBe(2);
  expect((await publish(release!, "7.2.0")).exitCode).toBe(0);
  const gone = await run("artifacts", "prune", "dev", "--keep", "1", "--now", "--yes");
  expect(gone.json.pruned).toEqual(["7.1.0"]);
  expect(await stored("7.1.0")).toBe(0);
});

test("the repository's machine serves documents through its internal load balancer", async () => {
  const document = `${outputs.files.documents.url}/repository/default/letter.txt`;
  const authorization = `Basic ${Buffer.from("admin:admin").toString("base64")}`;
  const call = (init: RequestInit = {}) => fetch(document, { ...init, headers: { authorization } });
  await until(
    "the repository is open",
    async () => (await call({ method: "PUT", body: "Dear all" })).status < 300,
    240,
  );
  expect(await (await call()).text()).toBe("Dear all");
  // Files that are copied below it would be no documents.
  const refused = await run("files", "import", join(workspace.project, "sample"), "--to", "dev/documents");
  expect(refused.exitCode).not.toBe(0);
  expect(refused.stderr).toContain(`${outputs.files.documents.url}/repository/default/`);
});

test("a destroy is refused while a store is kept, and says how it is allowed; then nothing is left", async () => {
  const refused = await run("destroy", "dev", "--yes");
  expect([refused.exitCode, refused.json.kept]).toEqual([3, ["shared"]]);
  expect(refused.stderr).toContain("write deletable: true at shared in retrofit:files, run: retrofit up dev");
  const text = readFileSync(environmentFile(), "utf8");
  writeFileSync(environmentFile(), text.replace("deletable: false", "deletable: true"));
  for (const command of [
    ["up", "dev"],
    ["destroy", "dev", "--yes"],
  ]) {
    const { exitCode, stderr } = await run(...command);
    if (exitCode !== 0) throw new Error(stderr.slice(-4000));
  }
  expect((await s3.send(new ListBucketsCommand({}))).Buckets).toEqual([]);
});
