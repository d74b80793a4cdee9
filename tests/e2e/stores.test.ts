/** An environment with a database and a session store, through release, rollback and the loss of a machine. */
import { appendFileSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { Client } from "pg";
import { createWorkspace, type DemoWorkspace } from "../../release/demo/workspace";
import { injectFault, sandboxStatus } from "../../sandbox";
import { type Answer, pulumi as plainPulumi, retrofit } from "../support/command-line";
import { until } from "../support/sandbox";

jest.setTimeout(10 * 60_000);

let workspace: DemoWorkspace;
let environment: Record<string, string>;
let outputs: Answer;
let cookie = "";
let expected = 0;

const run = (...args: string[]) =>
  retrofit([...args, "--sandbox", "--cwd", workspace.project, "--json"], environment).finished;
const pulumi = (args: string) => plainPulumi(workspace.project, args, environment).finished;

beforeAll(async () => {
  workspace = createWorkspace("1.0.0");
  workspace.keep();
  appendFileSync(
    join(workspace.project, "Pulumi.dev.yaml"),
    "  retrofit:database: {}\n  retrofit:sessions: {}\n",
  );
  environment = { RETROFIT_SANDBOX: workspace.sandbox };
  process.env.RETROFIT_SANDBOX = workspace.sandbox;
  const started = await retrofit(["sandbox", "start", "--cwd", workspace.project], environment).finished;
  if (started.exitCode !== 0) throw new Error(started.stderr);
  const up = await run("up", "dev");
  if (up.exitCode !== 0) throw new Error(up.stderr.slice(-4000));
  outputs = JSON.parse((await pulumi("stack output --json --stack dev")).stdout) as Answer;
});

afterAll(async () => {
  await retrofit(["sandbox", "stop"], environment).finished;
  workspace.remove();
});

/** One visit of the same person; gives who answered. */
async function visit(): Promise<{ release: string; machine: string }> {
  const answer = await fetch(`${outputs.url}/session`, { headers: cookie ? { cookie } : {} });
  cookie = answer.headers.get("set-cookie")?.split(";")[0] ?? cookie;
  const { count, ...who } = (await answer.json()) as { count: number; release: string; machine: string };
  expected++;
  expect([answer.status, count]).toEqual([200, expected]);
  return who;
}

const visits = async (count: number) => {
  const seen: { release: string; machine: string }[] = [];
  for (let i = 0; i < count; i++) seen.push(await visit());
  return seen;
};

test("a second update finds nothing to change", async () => {
  const preview = await pulumi("preview --stack dev --expect-no-changes --diff");
  if (preview.exitCode !== 0) console.error(preview.stdout.slice(-4000));
  expect(preview.exitCode).toBe(0);
});

test("SQL goes to a real PostgreSQL, by the managed secret and a verified certificate", async () => {
  const { endpoint, port, name, secretArn } = outputs.database;
  const credentials = { accessKeyId: "a", secretAccessKey: "b" };
  const emulator = JSON.parse(readFileSync(join(workspace.sandbox, "daemon.json"), "utf8")).endpoint;
  const secrets = new SecretsManagerClient({ endpoint: emulator, region: "eu-central-1", credentials });
  const { SecretString } = await secrets.send(new GetSecretValueCommand({ SecretId: secretArn }));
  const { username, password } = JSON.parse(SecretString!) as { username: string; password: string };
  const ca = readFileSync(join(workspace.sandbox, "certificates", "servers.pem"), "utf8");
  const where = { host: endpoint, port, database: name };
  const client = new Client({ ...where, user: username, password, ssl: { ca } });
  await client.connect();
  await client.query("CREATE TABLE visits (at timestamptz NOT NULL DEFAULT now())");
  await client.query("INSERT INTO visits DEFAULT VALUES");
  const { rows } = await client.query("SELECT count(*)::int AS visits, current_user AS who FROM visits");
  expect(rows).toEqual([{ visits: 1, who: "app_admin" }]);
  await client.end();
  await expect(new Client({ ...where, user: username, password, ssl: false }).connect()).rejects.toThrow(
    /no pg_hba/,
  );
});

test("any machine serves a visitor, who keeps his counter", async () => {
  const machines = new Set((await visits(6)).map(({ machine }) => machine));
  expect(machines.size).toBe(2);
});

test("the counter survives a release and the rollback of it", async () => {
  const released = await run("release", "dev", "1.1.0", "--artifact", "sample/releases/1.1.0");
  if (released.exitCode !== 0) console.error(released.stderr.slice(-4000));
  expect(released.exitCode).toBe(0);
  expect((await visits(4)).map(({ release }) => release)).toEqual(Array(4).fill("1.1.0"));
  expect((await run("rollback", "dev")).exitCode).toBe(0);
  expect((await visits(4)).map(({ release }) => release)).toEqual(Array(4).fill("1.0.0"));
});

test("it survives the loss of a machine, and a crash of the store", async () => {
  const { machine } = await visit();
  await injectFault({ kind: "killMachine", instanceId: machine });
  await until("the load balancer has noticed", async () => (await fetch(`${outputs.url}/session`)).ok, 30);
  const after = await visits(4);
  expect(after.map((each) => each.machine)).not.toContain(machine);
  const store = (await sandboxStatus()).servers.find(({ kind }) => kind === "sessionStore")!;
  await injectFault({ kind: "killServer", identifier: store.identifier });
  await until("the store answers again", async () => (await fetch(`${outputs.url}/session`)).ok, 30);
  await visits(2);
});

test("a destroy takes the data and the servers with it", async () => {
  const destroyed = await run("destroy", "dev", "--yes");
  if (destroyed.exitCode !== 0) console.error(destroyed.stderr.slice(-4000));
  expect(destroyed.exitCode).toBe(0);
  await until("the servers are gone", async () => (await sandboxStatus()).servers.length === 0, 30);
  expect(readdirSync(join(workspace.sandbox, "databases", "instances"))).toEqual([]);
  expect(readdirSync(join(workspace.sandbox, "session-stores"))).toEqual([]);
});
