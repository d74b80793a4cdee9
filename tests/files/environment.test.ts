/** An environment with homes for files in all three modes, on the sandbox: up, used through the application's paths, taken down. */
import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
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
const pulumi = (args: string) => plainPulumi(workspace.project, args, environment).finished;

const FILES = `  retrofit:files:
    - { name: shared, mode: share }
    - { name: uploads, mode: bucket, inbox: {}, mount: s3fs, unencryptedWrites: refused, replicateTo: eu-west-1 }
    - { name: documents, mode: repository, program: { version: 2.20.17, artifact: repository } }
`;

beforeAll(async () => {
  workspace = createWorkspace("1.0.0");
  workspace.keep();
  writeRepositoryProgram(join(workspace.project, "repository"), await ensureJackrabbit());
  appendFileSync(join(workspace.project, "Pulumi.dev.yaml"), FILES);
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
      deletable: true,
      fileSystemId: expect.stringMatching(/^fs-/),
    }),
    uploads: expect.objectContaining({ mode: "bucket", bucket: expect.any(String) }),
    documents: expect.objectContaining({ mode: "repository", url: expect.stringMatching(/^http:/) }),
  });
  const preview = await pulumi("preview --stack dev --expect-no-changes --diff");
  if (preview.exitCode !== 0) console.error(preview.stdout.slice(-6000));
  expect(preview.exitCode).toBe(0);
});

test("objects are written as the application writes them and read back; what asks for no encryption is refused", async () => {
  const Bucket = outputs.files.uploads.bucket as string;
  const of = { Bucket, Key: "reports/1.txt" };
  await s3.send(new PutObjectCommand({ ...of, Body: "one", ServerSideEncryption: "aws:kms" }));
  expect(await (await s3.send(new GetObjectCommand(of))).Body!.transformToString()).toBe("one");
  await expect(s3.send(new PutObjectCommand({ ...of, Body: "two" }))).rejects.toThrow(/Access Denied/);
});

test("a version is published once, with where it came from; other content under it is refused, and old ones can be pruned", async () => {
  const [release, other] = ["1.0.0", "1.1.0"].map((name) =>
    join(workspace.project, "sample", "releases", name),
  );
  const publish = (path: string, version: string) =>
    run("publish", path, "--version", version, "--environment", "dev");
  const first = await publish(release!, "7.0.0");
  expect([first.exitCode, first.json.sha256]).toEqual([0, expect.stringMatching(/^[0-9a-f]{64}$/)]);
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
});
