import { type ChildProcessWithoutNullStreams, execFile, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CpuLimit } from "../cpu/limit";
import type { EmulatedDatabase } from "../emulated";
import { PostgresMeter } from "./postgres-meter";
import type { ServerPrograms } from "./programs";
import { ServerProcess } from "./server-process";
import type { Measure } from "./servers";
import { serverCertificate } from "./trust";
import { handOver, unprivileged } from "./unprivileged";

/** As RDS has it: an administrator that is not the user's. */
const ADMINISTRATOR = "rdsadmin";

export interface PostgresSurroundings {
  programs: ServerPrograms;
  /** Of all databases of a sandbox, since a copy has it inside. */
  adminPassword: string;
  certificates: string;
  log: string;
  environment: Record<string, string>;
}

/** One PostgreSQL: its data folder and its process. */
export class Postgres {
  private readonly process: ServerProcess;
  private readonly meter: PostgresMeter;
  readonly data: string;

  constructor(
    public spec: EmulatedDatabase,
    folder: string,
    private readonly around: PostgresSurroundings,
  ) {
    this.data = join(folder, "data");
    mkdirSync(folder, { recursive: true });
    this.process = new ServerProcess(() => {
      const [command, args] = unprivileged(around.programs.bin("postgres"), ["-D", this.data]);
      return { command, args, env: this.environment(), log: around.log, stopSignal: "SIGINT" };
    });
    this.meter = new PostgresMeter(this.process, ADMINISTRATOR, () => this.psql());
  }

  get exists(): boolean {
    return existsSync(join(this.data, "PG_VERSION"));
  }

  get running(): boolean {
    return this.process.running;
  }

  get limit(): CpuLimit {
    return this.process.limit;
  }

  measures(): Measure[] {
    return this.meter.read();
  }

  /** An empty cluster. */
  async create(): Promise<void> {
    this.prepareFolder();
    const passwordFile = join(this.data, "..", "password");
    writeFileSync(passwordFile, this.around.adminPassword, { mode: 0o600 });
    const password = ["--username", ADMINISTRATOR, "--pwfile", passwordFile, "--auth", "scram-sha-256"];
    await this.run("initdb", ["-D", this.data, ...password, "--encoding=UTF8", "--locale=C", "--no-sync"]);
    rmSync(passwordFile);
  }

  /** A copy of files that no server uses. */
  async createFrom(data: string): Promise<void> {
    rmSync(this.data, { recursive: true, force: true });
    await copyCluster(data, this.data);
  }

  /** A copy of a running server; with `follow` it goes on following it. */
  async createFromRunning(source: Postgres, { follow }: { follow: boolean }): Promise<void> {
    this.prepareFolder();
    await source.backup(this.data, follow);
  }

  async start(): Promise<void> {
    await this.configure();
    const { address, port } = this.spec;
    await this.process.start(() =>
      this.run("pg_isready", ["-q", "-h", address, "-p", String(port), "-d", "postgres"]).then(
        () => true,
        () => false,
      ),
    );
    if (this.spec.replicaOf === null) await this.setUp();
  }

  stop(): Promise<void> {
    this.meter.close();
    return this.process.stop();
  }

  kill(): void {
    this.process.kill();
  }

  /** Copies the running cluster into an empty folder. */
  async backup(target: string, follow = false): Promise<void> {
    const { address, port } = this.spec;
    const who = ["-h", address, "-p", String(port), "-U", ADMINISTRATOR];
    const how = ["-X", "stream", "-c", "fast", "--no-sync", ...(follow ? ["-R"] : [])];
    await this.run("pg_basebackup", ["-D", target, ...who, ...how]);
  }

  /** A replica that is one no more. */
  async promote(): Promise<void> {
    await this.sql("SELECT pg_promote();");
    await this.setUp();
  }

  /** Master user with its password of now, and the database; as often as one likes. */
  async setUp(): Promise<void> {
    const { masterUsername, masterPassword, databaseName } = this.spec;
    const user = identifier(masterUsername);
    const createDatabase = databaseName
      ? `SELECT ${literal(`CREATE DATABASE ${identifier(databaseName)} OWNER ${user}`)}
         WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = ${literal(databaseName)}) \\gexec`
      : "";
    await this.sql(`
      SELECT 'CREATE ROLE rds_superuser ROLE rdsadmin' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'rds_superuser') \\gexec
      GRANT pg_monitor, pg_signal_backend TO rds_superuser;
      SELECT ${literal(`CREATE ROLE ${user} IN ROLE rds_superuser`)}
        WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = ${literal(masterUsername)}) \\gexec
      ALTER ROLE ${user} LOGIN CREATEDB CREATEROLE${masterPassword === null ? "" : ` PASSWORD ${literal(masterPassword)}`};
      ${createDatabase}
    `);
  }

  /** A psql of the administrator, to which statements are written. */
  private psql(): ChildProcessWithoutNullStreams {
    const { address, port } = this.spec;
    const who = ["-h", address, "-p", String(port), "-U", ADMINISTRATOR, "-d", "postgres"];
    const args = ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", ...who, "-f", "-"];
    return spawn(this.around.programs.bin("psql"), args, { env: this.environment(), cwd: "/" });
  }

  private sql(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const child = this.psql();
      let said = "";
      for (const stream of [child.stdout, child.stderr]) {
        stream.on("data", (chunk: Buffer) => {
          said += chunk;
        });
      }
      child.on("error", reject);
      child.on("close", (code) => (code === 0 ? resolve() : reject(new Error(`psql: ${said.trim()}`))));
      child.stdin.on("error", () => {}).end(text);
    });
  }

  private prepareFolder(): void {
    rmSync(this.data, { recursive: true, force: true });
    mkdirSync(this.data, { mode: 0o700 });
    handOver(join(this.data, ".."));
  }

  /** All of our settings, written at each start: a copy has those of another server. */
  private async configure(): Promise<void> {
    const { address, port } = this.spec;
    const { key, cert } = await serverCertificate(address, this.around.certificates);
    const file = (name: string, content: string) => {
      const path = join(this.data, name);
      writeFileSync(path, content);
      chmodSync(path, 0o600);
    };
    file("server.key", key);
    file("server.crt", cert);
    file(
      "postgresql.conf",
      Object.entries({
        listen_addresses: address,
        port,
        unix_socket_directories: "",
        ssl: "on",
        max_connections: 100,
        max_wal_senders: 10,
        shared_buffers: "32MB",
        wal_level: "replica",
        hot_standby: "on",
        // The machine's end may lose data here; the end of a process may not.
        fsync: "off",
        synchronous_commit: "off",
        max_wal_size: "256MB",
        timezone: "GMT",
        log_timezone: "GMT",
        log_statement: "ddl",
        log_lock_waits: "on",
        track_io_timing: "on",
        track_wal_io_timing: "on",
        log_min_duration_statement: 1000,
        password_encryption: "scram-sha-256",
      })
        .map(([name, value]) => `${name} = '${value}'\n`)
        .join(""),
    );
    const everybody = ["all", "replication"].map((what) => `hostssl ${what} all 127.0.0.0/8 scram-sha-256\n`);
    file("pg_hba.conf", everybody.join(""));
    if (this.spec.replicaOf === null) rmSync(join(this.data, "standby.signal"), { force: true });
    handOver(this.data);
    const version = readFileSync(join(this.data, "PG_VERSION"), "utf8").trim();
    const { stdout } = await this.run("postgres", ["--version"]);
    if (!stdout.includes(` ${version}.`)) {
      throw new Error(`its data is of PostgreSQL ${version}, and here is ${stdout.trim()}`);
    }
  }

  private environment(): Record<string, string> {
    const { programs, environment, adminPassword } = this.around;
    return {
      PATH: process.env.PATH ?? "/usr/bin:/bin",
      LC_ALL: "C",
      PGPASSWORD: adminPassword,
      PGSSLMODE: "require",
      PGCONNECT_TIMEOUT: "5",
      ...programs.env,
      ...environment,
    };
  }

  private run(program: string, args: string[]): Promise<{ stdout: string }> {
    const [command, all] = unprivileged(this.around.programs.bin(program), args);
    return execute(command, all, this.environment());
  }
}

/** A copy of files that no server uses, with their owner. */
export async function copyCluster(from: string, to: string): Promise<void> {
  await execute("cp", ["-a", "--reflink=auto", from, to], process.env);
}

function execute(command: string, args: string[], env: NodeJS.ProcessEnv): Promise<{ stdout: string }> {
  return new Promise((resolve, reject) => {
    execFile(command, args, { env, cwd: "/", maxBuffer: 8 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (error === null) resolve({ stdout });
      else
        reject(new Error(`${args.includes("-D") ? "" : `${command}: `}${(stderr || error.message).trim()}`));
    });
  });
}

function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
