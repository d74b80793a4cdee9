import { execFile } from "node:child_process";
import { chownSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Client } from "pg";
import { ensureDebianPackages } from "../../sandbox/toolchain/debian";

const run = promisify(execFile);
/** PostgreSQL refuses to run as root; as `nobody` it owns nothing but its own folder. */
const NOBODY = 65534;

export interface TestServer {
  port: number;
  user: string;
  password: string;
  /** Environment in which `psql` is found. */
  env: Record<string, string>;
  /** A new database and a connection to it. */
  createDatabase(name: string): Promise<Client>;
  connect(name: string): Promise<Client>;
  stop(): Promise<void>;
}

/** A PostgreSQL server of its own on loopback, gone with `stop`. */
export async function startPostgres(): Promise<TestServer> {
  const packages = await ensureDebianPackages(["postgresql-15", "postgresql-client-15"]);
  const folder =
    packages.root === "/" ? "/usr/lib/postgresql/15/bin" : join(packages.root, "usr/lib/postgresql/15/bin");
  const env = { ...process.env, ...packages.env, PATH: `${folder}:${packages.env.PATH ?? process.env.PATH}` };
  const home = mkdtempSync(join(tmpdir(), "retrofit-postgres-"));
  const as = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  if (as.uid) chownSync(home, NOBODY, NOBODY);
  const data = join(home, "data");
  const password = "for-this-test";
  const passwordFile = join(home, "password");
  writeFileSync(passwordFile, password);
  if (as.uid) chownSync(passwordFile, NOBODY, NOBODY);
  const options = { env: { ...env, LC_ALL: "C.UTF-8" }, cwd: home, ...as };
  const initdb = [
    "-D",
    data,
    "-U",
    "admin",
    "-A",
    "scram-sha-256",
    "--pwfile",
    passwordFile,
    "-N",
    "-E",
    "UTF8",
  ];
  await run(join(folder, "initdb"), initdb, options);
  const port = await freePort();
  const settings = `-F -p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c deadlock_timeout=200ms`;
  await run(
    join(folder, "pg_ctl"),
    ["-D", data, "-w", "-l", join(home, "log"), "-o", settings, "start"],
    options,
  );
  const connect = async (database: string) => {
    const client = new Client({ host: "127.0.0.1", port, user: "admin", password, database });
    // A server that is stopped under a test's connection is no error of the test.
    client.on("error", () => {});
    await client.connect();
    return client;
  };
  return {
    port,
    user: "admin",
    password,
    env: env as Record<string, string>,
    connect,
    createDatabase: async (name) => {
      const admin = await connect("postgres");
      await admin.query(`CREATE DATABASE "${name}"`);
      await admin.end();
      return connect(name);
    },
    stop: async () => {
      await run(join(folder, "pg_ctl"), ["-D", data, "-w", "-m", "immediate", "stop"], options);
      rmSync(home, { recursive: true, force: true });
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
