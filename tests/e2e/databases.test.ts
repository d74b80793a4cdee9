/** Real servers behind the emulated ones: what RDS promises about data, on data. No engine, the API alone. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateDBInstanceCommand,
  CreateDBInstanceReadReplicaCommand,
  CreateDBSnapshotCommand,
  type DBInstance,
  DeleteDBInstanceCommand,
  DescribeDBInstancesCommand,
  DescribeDBSnapshotsCommand,
  ModifyDBInstanceCommand,
  RDSClient,
  RestoreDBInstanceFromDBSnapshotCommand,
} from "@aws-sdk/client-rds";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { Client } from "pg";
import { injectFault, type Sandbox, sandboxStatus, startSandbox, stopSandbox } from "../../sandbox";
import { until } from "../support/sandbox";

jest.setTimeout(10 * 60_000);

const folder = mkdtempSync(join(tmpdir(), "retrofit-databases-"));
let rds: RDSClient;
let secrets: SecretsManagerClient;

async function begin(): Promise<Sandbox> {
  const sandbox = await startSandbox({ lease: true });
  const credentials = { accessKeyId: "a", secretAccessKey: "b" };
  const options = { endpoint: sandbox.endpoint, region: "eu-central-1", credentials };
  rds = new RDSClient(options);
  secrets = new SecretsManagerClient(options);
  return sandbox;
}

beforeAll(async () => {
  process.env.RETROFIT_SANDBOX = folder;
  await begin();
  const one = { DBInstanceClass: "db.t4g.micro", AllocatedStorage: 20, StorageEncrypted: true };
  const database = { Engine: "postgres", EngineVersion: "16", DBName: "app", MasterUsername: "app_admin" };
  await rds.send(
    new CreateDBInstanceCommand({
      DBInstanceIdentifier: "one",
      ...one,
      ...database,
      ManageMasterUserPassword: true,
    }),
  );
  await available("one");
  await sql("one", "CREATE TABLE t (a int)");
});

afterAll(async () => {
  await stopSandbox();
  rmSync(folder, { recursive: true, force: true });
});

async function instance(id: string): Promise<DBInstance> {
  return (await rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: id }))).DBInstances![0]!;
}

const available = (id: string) =>
  until(`${id} is available`, async () => (await instance(id)).DBInstanceStatus === "available", 90);

const snapshotted = (id: string) =>
  until(
    `snapshot ${id} is available`,
    async () => {
      const found = await rds.send(new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: id }));
      return found.DBSnapshots![0]!.Status === "available";
    },
    90,
  );

async function password(id: string): Promise<string> {
  const { MasterUserSecret } = await instance(id);
  const { SecretString } = await secrets.send(
    new GetSecretValueCommand({ SecretId: MasterUserSecret!.SecretArn! }),
  );
  return (JSON.parse(SecretString!) as { password: string }).password;
}

/** Rows of a query as the master user; with the password of `of`, whose it is. */
async function sql(id: string, text: string, secret?: string): Promise<unknown[]> {
  const { Endpoint } = await instance(id);
  const client = new Client({
    host: Endpoint!.Address,
    port: Endpoint!.Port,
    user: "app_admin",
    password: secret ?? (await password(id)),
    database: "app",
    ssl: { rejectUnauthorized: false },
  });
  await client.connect();
  try {
    return (await client.query({ text, rowMode: "array" })).rows.flat();
  } finally {
    await client.end();
  }
}

test("a snapshot has what was there when it was taken, and a restore gives it back", async () => {
  await sql("one", "INSERT INTO t VALUES (1)");
  await rds.send(
    new CreateDBSnapshotCommand({ DBInstanceIdentifier: "one", DBSnapshotIdentifier: "before" }),
  );
  await snapshotted("before");
  await sql("one", "INSERT INTO t VALUES (2)");
  await rds.send(
    new RestoreDBInstanceFromDBSnapshotCommand({
      DBInstanceIdentifier: "two",
      DBSnapshotIdentifier: "before",
    }),
  );
  await available("two");
  expect(await sql("two", "SELECT a FROM t")).toEqual([1]);
  expect(await sql("one", "SELECT a FROM t ORDER BY a")).toEqual([1, 2]);
});

test("a read replica follows its primary and takes no writes", async () => {
  const names = { DBInstanceIdentifier: "replica", SourceDBInstanceIdentifier: "one" };
  await rds.send(new CreateDBInstanceReadReplicaCommand(names));
  await available("replica");
  const secret = await password("one");
  await sql("one", "INSERT INTO t VALUES (3)");
  await until(
    "the row has come",
    async () => (await sql("replica", "SELECT a FROM t", secret)).includes(3),
    30,
  );
  await expect(sql("replica", "INSERT INTO t VALUES (9)", secret)).rejects.toThrow("read-only");
});

test("after a rotation the new password works and the old one does not", async () => {
  const former = await password("one");
  await rds.send(
    new ModifyDBInstanceCommand({
      DBInstanceIdentifier: "one",
      RotateMasterUserPassword: true,
      ApplyImmediately: true,
    }),
  );
  const present = await password("one");
  expect(present).not.toBe(former);
  await until(
    "the new one works",
    () =>
      sql("one", "SELECT 1", present).then(
        () => true,
        () => false,
      ),
    30,
  );
  await expect(sql("one", "SELECT 1", former)).rejects.toThrow("password authentication failed");
});

test("data and password survive a crash of the server, of the emulator, and a restart of the sandbox", async () => {
  const before = await password("one");
  await injectFault({ kind: "restartEmulator" });
  await injectFault({ kind: "killServer", identifier: "one" });
  const rows = () => sql("one", "SELECT a FROM t ORDER BY a").catch(() => []);
  await until("it answers again", async () => (await rows()).length === 3, 60);
  await stopSandbox();
  await begin();
  await available("one");
  expect([await password("one"), await rows()]).toEqual([before, [1, 2, 3]]);
});

test("a deleted database leaves its last snapshot and no other data", async () => {
  await rds.send(
    new DeleteDBInstanceCommand({ DBInstanceIdentifier: "one", FinalDBSnapshotIdentifier: "last" }),
  );
  await snapshotted("last");
  await until("its server is gone", async () =>
    (await sandboxStatus()).servers.every(({ identifier }) => identifier !== "one"),
  );
  await rds.send(
    new RestoreDBInstanceFromDBSnapshotCommand({
      DBInstanceIdentifier: "three",
      DBSnapshotIdentifier: "last",
    }),
  );
  await available("three");
  expect(await sql("three", "SELECT a FROM t ORDER BY a")).toEqual([1, 2, 3]);
  // Those of two, replica and three.
  expect(readdirSync(join(folder, "databases", "instances"))).toHaveLength(3);
});
