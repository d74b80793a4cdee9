import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Client } from "pg";
import * as tar from "tar";
import {
  describeFile,
  type MigratorEvent,
  packRequest,
  parseEvents,
  parseHistory,
} from "../../components/database/gate/migrator";
import { migratorProgram } from "../../components/database/gate/migrator-program";
import { classify, decide, readMigrations } from "../../components/database/migrations";
import { startPostgres, type TestServer } from "../support/postgres";

// Each run is a process of its own that starts others: seconds on a busy machine.
jest.setTimeout(10 * 60_000);

let server: TestServer;
let store: Server;
let folder: string;
let artifacts: Map<string, Buffer>;
let sequence = 0;
const next = () => {
  sequence += 1;
  return sequence;
};
const children = new Set<ChildProcess>();

beforeAll(async () => {
  server = await startPostgres();
  folder = mkdtempSync(join(tmpdir(), "retrofit-migrator-"));
  writeFileSync(join(folder, "retrofit-migrate"), migratorProgram);
  artifacts = new Map();
  store = createServer((request, response) => {
    // Both services check a signature; that it is right is tested against the emulator and AWS, not here.
    if (!request.headers.authorization?.startsWith("AWS4-HMAC-SHA256 Credential="))
      return response.writeHead(403).end();
    if (request.method === "POST") {
      const secret = JSON.stringify({ username: server.user, password: server.password });
      return response.end(JSON.stringify({ SecretString: secret }));
    }
    return response.end(artifacts.get(request.url ?? ""));
  });
  await new Promise<void>((resolve) => store.listen(0, "127.0.0.1", resolve));
}, 300_000);

afterEach(() => {
  for (const child of children) child.kill("SIGKILL");
  children.clear();
});

afterAll(async () => {
  store?.closeAllConnections();
  store?.close();
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Run {
  code: number | null;
  events: MigratorEvent[];
  of(event: string): MigratorEvent[];
}

function start(request: Record<string, unknown>): { done: Promise<Run>; child: ChildProcess } {
  const child = spawn("python3", [join(folder, "retrofit-migrate"), packRequest(request)], {
    env: {
      ...server.env,
      AWS_ENDPOINT_URL: `http://127.0.0.1:${(store.address() as AddressInfo).port}`,
      AWS_ACCESS_KEY_ID: "for",
      AWS_SECRET_ACCESS_KEY: "tests",
    },
  });
  children.add(child);
  let out = "";
  let err = "";
  child.stdout.on("data", (chunk) => {
    out += chunk;
  });
  child.stderr.on("data", (chunk) => {
    err += chunk;
  });
  const done = new Promise<Run>((resolve) =>
    child.on("close", (code) => {
      if (err) out += `\n${JSON.stringify({ event: "stderr", err })}`;
      const events = parseEvents(out);
      resolve({ code, events, of: (name) => events.filter(({ event }) => event === name) });
    }),
  );
  return { done, child };
}

/** An environment with a database of its own; `release` makes the request for a release with these files. */
async function environment(before = "") {
  const name = `db${next()}`;
  const db = await server.createDatabase(name);
  if (before) await db.query(before);
  const common = {
    region: "eu-central-1",
    database: {
      host: "127.0.0.1",
      port: server.port,
      name,
      secretArn: "arn:aws:secretsmanager:x",
      sslMode: "disable",
    },
    lockTimeoutSeconds: 1,
    lockRetries: 1,
  };
  const history = async (more = {}) => {
    const run = await start({ ...common, ...more, mode: "history" }).done;
    return { run, history: run.of("history")[0] ? parseHistory(run.of("history")[0]!) : undefined };
  };
  const release = async (files: Record<string, string>, more: Record<string, unknown> = {}) => {
    const raw = Object.entries(files).map(([path, text]) => ({ path, content: Buffer.from(text) }));
    const set = readMigrations(raw);
    expect(set.problems).toEqual([]);
    const applied = new Set(
      ((await history()).history?.applied ?? []).filter((row) => row.success).map((row) => row.script),
    );
    const { pending } = await classify(set.migrations, { applied });
    const key = `/bucket/r/${next()}.tar.gz`;
    const archive = pack(files);
    artifacts.set(key, archive);
    const sha256 = createHash("sha256").update(archive).digest("hex");
    return {
      ...common,
      mode: "migrate",
      artifact: { bucket: "bucket", key: key.slice("/bucket/".length), sha256 },
      folder: "migrations",
      files: pending.map(describeFile),
      ...more,
    };
  };
  return { db, name, history, release };
}

function pack(files: Record<string, string>): Buffer {
  const root = mkdtempSync(join(folder, "release-"));
  const entries = Object.entries(files).map(([name, text], index) => {
    writeFileSync(join(root, `${index}`), text);
    return { name, index };
  });
  const stream = new tar.PackSync({
    cwd: root,
    portable: true,
    onWriteEntry: (entry) => {
      entry.path = `migrations/${entries[Number(entry.path)]!.name}`;
    },
  });
  const chunks: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  for (const { index } of entries) stream.add(`${index}`);
  stream.end();
  return gzipSync(Buffer.concat(chunks));
}

const columns = async (db: Client, table: string) =>
  (
    await db.query("SELECT column_name FROM information_schema.columns WHERE table_name = $1 ORDER BY 1", [
      table,
    ])
  ).rows.map((row) => row.column_name);

const FIRST =
  "CREATE TABLE orders (id int PRIMARY KEY, note text);\nINSERT INTO orders VALUES (1, 'a'), (2, 'b');\n";
const until = async (condition: () => Promise<boolean>) => {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 50));
};

test("a new database gets everything in order, with the history as Flyway keeps it", async () => {
  const { db, release, history } = await environment();
  expect((await history()).history).toEqual({ applied: [], empty: true });
  const run = await start(
    await release({
      "V1__orders.sql": FIRST,
      "V2__more.sql": "\uFEFFALTER TABLE orders ADD x int\r\n",
      "R__v.sql": "CREATE OR REPLACE VIEW v AS SELECT 1 AS a",
    }),
  ).done;
  expect(run.code).toBe(0);
  expect(run.of("done")).toEqual([
    { event: "done", applied: ["V1__orders.sql", "V2__more.sql", "R__v.sql"] },
  ]);
  const rows = await db.query(
    "SELECT installed_rank, version, description, type, script, success FROM flyway_schema_history ORDER BY 1",
  );
  expect(rows.rows).toEqual([
    {
      installed_rank: 1,
      version: "1",
      description: "orders",
      type: "SQL",
      script: "V1__orders.sql",
      success: true,
    },
    {
      installed_rank: 2,
      version: "2",
      description: "more",
      type: "SQL",
      script: "V2__more.sql",
      success: true,
    },
    { installed_rank: 3, version: null, description: "v", type: "SQL", script: "R__v.sql", success: true },
  ]);
});

test("expand, move over, contract: the former release's statements work until the contract", async () => {
  const { db, release, history } = await environment();
  const files: Record<string, string> = { "V1__orders.sql": FIRST };
  const former = async () => {
    await db.query("INSERT INTO orders (id, note) VALUES ((SELECT max(id) + 1 FROM orders), 'x')");
    return db.query("SELECT id, note FROM orders");
  };
  const word = async (declared: "additive" | "breaking") => {
    const raw = Object.entries(files).map(([path, text]) => ({ path, content: Buffer.from(text) }));
    return decide(declared, readMigrations(raw), (await history()).history!);
  };
  expect((await start(await release(files)).done).code).toBe(0);
  files["V2__expand.sql"] =
    "ALTER TABLE orders ADD COLUMN remark text;\nUPDATE orders SET remark = note WHERE remark IS NULL;";
  expect((await word("additive")).refusals).toEqual([]);
  expect((await start(await release(files)).done).code).toBe(0);
  await former();
  files["V3__index.sql"] = "CREATE INDEX CONCURRENTLY orders_remark ON orders (remark);";
  expect((await word("additive")).refusals).toEqual([]);
  expect((await start(await release(files)).done).code).toBe(0);
  await former();
  files["V4__contract.sql"] = "ALTER TABLE orders DROP COLUMN note;";
  expect((await word("additive")).refusals[0]?.message).toContain("column-drop");
  expect((await word("breaking")).refusals).toEqual([]);
  expect((await start(await release(files)).done).code).toBe(0);
  await expect(former()).rejects.toThrow("note");
  expect(await columns(db, "orders")).toEqual(["id", "remark"]);
});

test("a failure in the middle keeps what is committed, undoes the file that failed, and the next run goes on from there", async () => {
  const { db, release } = await environment();
  const files: Record<string, string> = {
    "V1__orders.sql": FIRST,
    "V2__bad.sql": "ALTER TABLE orders ADD COLUMN half int;\n\nALTER TABLE nowhere ADD COLUMN x int;",
    "V3__never.sql": "CREATE TABLE never (id int);",
  };
  const run = await start(await release(files)).done;
  expect(run.code).toBe(1);
  expect(run.of("failed")[0]).toMatchObject({
    script: "V2__bad.sql",
    line: 3,
    message: 'relation "nowhere" does not exist',
    applied: ["V1__orders.sql"],
    halfway: false,
  });
  expect(await columns(db, "orders")).toEqual(["id", "note"]);
  expect((await db.query("SELECT script FROM flyway_schema_history")).rows).toEqual([
    { script: "V1__orders.sql" },
  ]);
  files["V2__bad.sql"] = "ALTER TABLE orders ADD COLUMN half int;";
  const again = await start(await release(files)).done;
  expect(again.of("done")[0]?.applied).toEqual(["V2__bad.sql", "V3__never.sql"]);
});

test("a statement that waits for a lock gives up soon, and comes through once the lock is gone", async () => {
  const { db, release, name } = await environment(FIRST);
  const blocker = await server.connect(name);
  await blocker.query("BEGIN; LOCK TABLE orders IN ACCESS SHARE MODE");
  const files = { "V1__x.sql": "ALTER TABLE orders ADD COLUMN x int;" };
  const refused = await start(await release(files, { baseline: "0" })).done;
  expect(refused.code).toBe(1);
  expect(refused.of("retry")).toHaveLength(1);
  expect(refused.of("failed")[0]).toMatchObject({ script: "V1__x.sql", locked: true, applied: [] });
  expect(await columns(db, "orders")).toEqual(["id", "note"]);
  const patient = start(await release(files, { baseline: "0", lockRetries: 20 }));
  await until(async () => (await db.query("SELECT FROM pg_locks WHERE NOT granted")).rowCount === 1);
  await blocker.query("ROLLBACK");
  await blocker.end();
  expect((await patient.done).of("done")[0]?.applied).toEqual(["V1__x.sql"]);
});

test("of two migrators at once one works, the other waits and finds everything done", async () => {
  const { db, release } = await environment();
  const slow = {
    "V1__orders.sql": FIRST,
    "V2__slow.sql": "SELECT pg_sleep(1.5); CREATE TABLE once (id int);",
  };
  const request = await release(slow);
  const [a, b] = await Promise.all([start(request).done, start(request).done]);
  expect([a.code, b.code]).toEqual([0, 0]);
  expect([...a.of("applied"), ...b.of("applied")]).toHaveLength(2);
  expect([...a.of("waiting"), ...b.of("waiting")]).toHaveLength(1);
  expect([...a.of("already"), ...b.of("already")]).toHaveLength(2);
  expect((await db.query("SELECT FROM flyway_schema_history")).rowCount).toBe(2);
});

test("a migrator that waits in vain says who is at work, and has done nothing", async () => {
  const { db, release } = await environment();
  await db.query(`SELECT pg_advisory_lock(${0x726574726f666974n})`);
  const run = await start(await release({ "V1__orders.sql": FIRST }, { lockWaitSeconds: 1 })).done;
  expect(run.code).toBe(4);
  expect(run.of("failed")[0]?.message).toMatch(
    /another migrator holds the lock \(process \d+ from 127\.0\.0\.1/,
  );
  expect(await columns(db, "orders")).toEqual([]);
});

test("a migrator that is killed in the middle of a file leaves nothing of it, and the lock is free", async () => {
  const { db, release } = await environment();
  const files = {
    "V1__orders.sql": FIRST,
    "V2__long.sql": "CREATE TABLE half (id int); SELECT pg_sleep(60);",
  };
  const { child, done } = start(await release(files));
  await until(
    async () =>
      (
        await db.query(
          "SELECT FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND pid <> pg_backend_pid()",
        )
      ).rowCount === 1,
  );
  child.kill("SIGKILL");
  await done;
  await until(
    async () =>
      (
        await db.query(
          "SELECT FROM pg_stat_activity WHERE application_name = 'retrofit-migrate' AND query NOT LIKE '%pg_sleep%'",
        )
      ).rowCount === 0,
  );
  await db.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND pid <> pg_backend_pid()",
  );
  expect(await columns(db, "half")).toEqual([]);
  const again = await start(await release({ ...files, "V2__long.sql": "CREATE TABLE half (id int);" })).done;
  expect(again.of("done")[0]?.applied).toEqual(["V2__long.sql"]);
});

test("an index that failed to build is cleared away at the next try", async () => {
  const { db, release, history } = await environment();
  await db.query("CREATE TABLE orders (id int); INSERT INTO orders VALUES (1), (1)");
  const files = { "V1__key.sql": "CREATE UNIQUE INDEX CONCURRENTLY orders_once ON orders (id);" };
  const failed = await start(await release(files, { baseline: "0" })).done;
  expect(failed.of("failed")[0]).toMatchObject({ script: "V1__key.sql", halfway: true });
  expect((await history()).history?.applied).toMatchObject([{ script: "V1__key.sql", success: false }]);
  await db.query("DELETE FROM orders");
  const again = await start(await release(files, { baseline: "0" })).done;
  expect(again.of("cleaned")).toHaveLength(1);
  expect(again.of("done")[0]?.applied).toEqual(["V1__key.sql"]);
  expect(
    (await db.query("SELECT indisvalid FROM pg_index WHERE indexrelid = 'orders_once'::regclass")).rows,
  ).toEqual([{ indisvalid: true }]);
});

test("a database that was there before its first migration needs a baseline, and begins from it", async () => {
  const { db, history, release } = await environment(FIRST);
  const { run } = await history();
  expect(run.code).toBe(5);
  expect(run.of("failed")[0]?.message).toContain("no history");
  // A release that brings no migrations has no need of one.
  expect((await history({ unmanaged: true })).history).toMatchObject({ applied: [], empty: false });
  expect((await history({ baseline: "7" })).history).toEqual({ applied: [], baseline: "7", empty: false });
  const request = await release({ "V8__x.sql": "ALTER TABLE orders ADD x int;" }, { baseline: "7" });
  expect((await start(request).done).code).toBe(0);
  expect((await history()).history).toMatchObject({ baseline: "7", applied: [{ script: "V8__x.sql" }] });
  expect((await db.query("SELECT version, type FROM flyway_schema_history ORDER BY 1")).rows).toEqual([
    { version: "7", type: "BASELINE" },
    { version: "8", type: "SQL" },
  ]);
});

test("an edited migration is seen by its checksum, and a changed repeatable one runs again", async () => {
  const { release, history } = await environment();
  const files = { "V1__orders.sql": FIRST, "R__v.sql": "CREATE OR REPLACE VIEW v AS SELECT 1 AS a;" };
  await start(await release(files)).done;
  const now = {
    "V1__orders.sql": `${FIRST}-- edited`,
    "R__v.sql": "CREATE OR REPLACE VIEW v AS SELECT 2 AS a;",
  };
  const set = readMigrations(
    Object.entries(now).map(([path, text]) => ({ path, content: Buffer.from(text) })),
  );
  const plan = await decide("breaking", set, (await history()).history!);
  expect(plan.refusals.map(({ file }) => file)).toEqual(["V1__orders.sql"]);
  expect(plan.pending.map(({ file }) => file.script)).toEqual(["R__v.sql"]);
});

test("an artifact that is not the one that was judged is refused before anything is applied", async () => {
  const { db, release } = await environment();
  const request = await release({ "V1__orders.sql": FIRST });
  request.artifact.sha256 = "0".repeat(64);
  const run = await start(request).done;
  expect(run.code).toBe(1);
  expect(run.of("failed")[0]?.message).toContain("nothing was applied");
  expect(await columns(db, "orders")).toEqual([]);
});

test("nothing that is told holds the password", async () => {
  const { release } = await environment();
  const run = await start(await release({ "V1__x.sql": "SELECT nothing_like_it();" })).done;
  expect(run.code).toBe(1);
  expect(JSON.stringify(run.events)).not.toContain(server.password);
});
