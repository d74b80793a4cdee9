/** A rebuild that keeps what the database holds: the environment goes, with its database, and comes back with the same rows. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { RDSClient, RestoreDBInstanceFromDBSnapshotCommand } from "@aws-sdk/client-rds";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { Client } from "pg";
import { parseDocument } from "yaml";
import { createWorkspace, type DemoWorkspace } from "../../../release/demo/workspace";
import { type Answer, pulumi, retrofit } from "../../support/command-line";

jest.setTimeout(12 * 60_000);

let workspace: DemoWorkspace;
let environment: Record<string, string>;
let file: string;
let key: string;
let snapshot: string;

const run = (...args: string[]) =>
  retrofit([...args, "--sandbox", "--cwd", workspace.project, "--json"], environment).finished;

beforeAll(async () => {
  workspace = createWorkspace("1.0.0");
  workspace.keep();
  environment = { RETROFIT_SANDBOX: workspace.sandbox };
  file = join(workspace.project, "Pulumi.dev.yaml");
  const document = parseDocument(readFileSync(file, "utf8"));
  document.setIn(["config", "retrofit:web", "min"], 1);
  writeFileSync(file, document.toString({ lineWidth: 0 }));
  const started = await retrofit(["sandbox", "start", "--cwd", workspace.project], environment).finished;
  if (started.exitCode !== 0) throw new Error(started.stderr);
  key = (await kms("CreateKey", {})).KeyMetadata.Arn;
  document.setIn(["config", "retrofit:database"], { kmsKey: key });
  writeFileSync(file, document.toString({ lineWidth: 0 }));
  const up = await run("up", "dev");
  if (up.exitCode !== 0) throw new Error(up.stderr.slice(-4000));
});

afterAll(async () => {
  await retrofit(["sandbox", "stop"], environment).finished;
  workspace.remove();
});

const endpointOf = () =>
  JSON.parse(readFileSync(join(workspace.sandbox, "daemon.json"), "utf8")).endpoint as string;

/** There is no client for KMS among the packages, and this is all that is asked of it. */
async function kms(operation: string, body: object): Promise<Answer> {
  const credential = "Credential=a/20260101/eu-central-1/kms/aws4_request, SignedHeaders=host, Signature=b";
  const answer = await fetch(endpointOf(), {
    method: "POST",
    headers: {
      "Content-Type": "application/x-amz-json-1.1",
      "X-Amz-Target": `TrentService.${operation}`,
      Authorization: `AWS4-HMAC-SHA256 ${credential}`,
    },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${operation}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as Answer;
}

async function sql(text: string): Promise<unknown[]> {
  const { stdout } = await pulumi(workspace.project, "stack output --json --stack dev", environment).finished;
  const {
    endpoint: host,
    port,
    name: database,
    secretArn: SecretId,
  } = (JSON.parse(stdout) as Answer).database;
  const endpoint = endpointOf();
  const credentials = { accessKeyId: "a", secretAccessKey: "b" };
  const secrets = new SecretsManagerClient({ endpoint, region: "eu-central-1", credentials });
  const { SecretString } = await secrets.send(new GetSecretValueCommand({ SecretId }));
  const { username: user, password } = JSON.parse(SecretString!) as { username: string; password: string };
  const ca = readFileSync(join(workspace.sandbox, "certificates", "servers.pem"), "utf8");
  const client = new Client({ host, port, database, user, password, ssl: { ca } });
  await client.connect();
  try {
    return (await client.query({ text, rowMode: "array" })).rows.flat();
  } finally {
    await client.end();
  }
}

test("the rebuilt environment has the rows of before, and is filled by its seed once it is up", async () => {
  await sql("CREATE TABLE orders (id int PRIMARY KEY)");
  await sql("INSERT INTO orders VALUES (1), (2)");
  const seed = `node -e "fetch(process.env.RETROFIT_URL).then((a) => fs.writeFileSync('seeded', a.headers.get('x-release')))"`;
  const rebuilt = await run("rebuild", "dev", "--data", "snapshot", "--seed", seed, "--yes");
  if (rebuilt.exitCode !== 0) console.error(rebuilt.stderr.slice(-4000));
  expect(rebuilt).toMatchObject({
    exitCode: 0,
    json: {
      live: "1.0.0",
      smoke: true,
      data: expect.stringMatching(/^retrofit-dev-\d{14}$/),
      outputs: { missing: [], added: [] },
    },
  });
  snapshot = rebuilt.json.data;
  expect(readFileSync(join(workspace.project, "seeded"), "utf8")).toBe("1.0.0");
  expect(readFileSync(file, "utf8")).toContain(`restoreFrom: ${rebuilt.json.data}`);
  expect(await sql("SELECT id FROM orders ORDER BY id")).toEqual([1, 2]);
});

test("an update after it leaves the database alone", async () => {
  expect((await run("up", "dev")).json.changes).toEqual({ created: 0, updated: 0, deleted: 0 });
  expect(await sql("SELECT count(*)::int FROM orders")).toEqual([2]);
});

test("without its key a snapshot cannot be restored", async () => {
  await kms("ScheduleKeyDeletion", { KeyId: key.split("/")[1] });
  const credentials = { accessKeyId: "a", secretAccessKey: "b" };
  const rds = new RDSClient({ endpoint: endpointOf(), region: "eu-central-1", credentials });
  const restore = new RestoreDBInstanceFromDBSnapshotCommand({
    DBInstanceIdentifier: "another",
    DBSnapshotIdentifier: snapshot,
  });
  await expect(rds.send(restore)).rejects.toThrow("does not exist, is not enabled");
});
