import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { EmulatedDatabase, EmulatedSnapshot, EmulatedState } from "../emulated";
import { copyCluster, Postgres } from "./postgres";
import { postgresPrograms, type ServerPrograms } from "./programs";
import { type Holder, Servers } from "./servers";
import type { ServersSurroundings } from "./surroundings";
import { handOver } from "./unprivileged";

type Database = Holder<EmulatedDatabase, Postgres>;

/**
 * A real PostgreSQL for each emulated database instance, and real copies for its snapshots. What is done with one database
 * is done in turn; a copy of it takes its place among the turns when it is asked for, so it has what was there then.
 */
export class Databases extends Servers<EmulatedDatabase, Postgres, ServerPrograms> {
  private snapshots = new Set<string>();
  private readonly adminPassword: string;

  constructor(around: ServersSurroundings) {
    super("database", around);
    for (const folder of [this.folderOf(), this.snapshotFolder(), around.certificates]) {
      mkdirSync(folder, { recursive: true });
    }
    this.adminPassword = keptSecret(join(around.folder, "databases", "administrator"));
  }

  apply(state: EmulatedState): void {
    if (this.ended) return;
    const databases = state.databases ?? [];
    const snapshots = state.databaseSnapshots ?? [];
    this.addOrChange(databases);
    // Before what is gone is removed: a last snapshot is asked for together with the end of its database.
    for (const snapshot of snapshots) if (!this.snapshots.has(snapshot.id)) this.take(snapshot);
    const declared = new Set([...databases, ...snapshots].map(({ id }) => id));
    this.removeAllBut(declared);
    for (const id of this.snapshots) if (!declared.has(id)) this.forget(id);
  }

  /** Removes what a former daemon may have left of databases and snapshots that are gone. */
  clearLeftovers(): void {
    const known = new Set([...this.present.keys(), ...this.snapshots]);
    for (const folder of [this.folderOf(), this.snapshotFolder()]) {
      for (const id of readdirSync(folder)) {
        if (!known.has(id)) rmSync(join(folder, id), { recursive: true, force: true });
      }
    }
  }

  protected async start(holder: Database): Promise<void> {
    const { id, identifier } = holder.spec;
    const server = new Postgres(holder.spec, this.folderOf(id), {
      programs: await this.findPrograms(),
      adminPassword: this.adminPassword,
      certificates: this.around.certificates,
      log: join(this.around.logs, `${identifier}.log`),
      environment: this.around.environment,
    });
    holder.server = server;
    server.spec = holder.spec;
    if (!server.exists) await this.fill(server);
    if (server.spec.status !== "stopped") await server.start();
    this.reports.available(server.spec);
  }

  /** Where its data comes from. */
  private async fill(server: Postgres): Promise<void> {
    const { replicaOf, restoredFrom, clonedFrom } = server.spec;
    if (restoredFrom !== null) {
      const data = join(this.snapshotFolder(restoredFrom), "data");
      return this.turns.take(restoredFrom, async () => {
        if (!existsSync(data)) throw new Error("the snapshot that it is restored from has no data");
        await server.createFrom(data);
      });
    }
    const source = replicaOf ?? clonedFrom;
    if (source === null) return server.create();
    return this.turns.take(source, async () => {
      const running = this.present.get(source)?.server;
      if (!running?.running) throw new Error("the database that it is copied from does not run");
      await server.createFromRunning(running, { follow: replicaOf !== null });
    });
  }

  protected change(holder: Database, spec: EmulatedDatabase): void {
    const former = holder.spec;
    holder.spec = spec;
    this.inTurn(holder, async () => {
      const { server } = holder;
      if (server === undefined) return;
      const moved = former.address !== spec.address || former.port !== spec.port;
      if (server.running && (moved || spec.status === "stopped")) await server.stop();
      server.spec = spec;
      if (spec.status === "stopped") return;
      if (!server.running) await server.start();
      else if (former.replicaOf !== null && spec.replicaOf === null) await server.promote();
      else if (spec.replicaOf === null) await server.setUp();
      this.reports.available(spec);
    });
  }

  /** Copies a database as it is when its turn comes: before it is removed, if it is. */
  private take({ id, databaseId, copyOf }: EmulatedSnapshot): void {
    this.snapshots.add(id);
    const folder = this.snapshotFolder(id);
    const [part, data] = [join(folder, "part"), join(folder, "data")];
    const holder = this.present.get(databaseId);
    if (existsSync(data)) {
      this.reports.available({ id });
      return;
    }
    this.reports.starting(id);
    const copied = this.turns.take(copyOf ?? databaseId, async () => {
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      handOver(folder);
      if (copyOf !== null) await copyCluster(join(this.snapshotFolder(copyOf), "data"), part);
      else if (holder?.server?.running) await holder.server.backup(part);
      else throw new Error("its database does not run");
      renameSync(part, data);
    });
    // Whoever restores from it, or copies it, comes after.
    void this.turns
      .take(id, () => copied)
      .then(() => this.reports.available({ id }))
      .catch((error: Error) => this.ended || this.reports.failed({ id }, error));
  }

  private forget(id: string): void {
    this.snapshots.delete(id);
    void this.turns
      .take(id, async () => rmSync(this.snapshotFolder(id), { recursive: true, force: true }))
      .finally(() => this.reports.gone(id));
  }

  protected override place({ identifier }: EmulatedDatabase) {
    return { namespace: "AWS/RDS", dimensions: { DBInstanceIdentifier: identifier } };
  }

  protected loadPrograms(): Promise<ServerPrograms> {
    return postgresPrograms(this.around.progress);
  }

  protected folderOf(id = ""): string {
    return join(this.around.folder, "databases", "instances", id);
  }

  private snapshotFolder(id = ""): string {
    return join(this.around.folder, "databases", "snapshots", id);
  }
}

function keptSecret(file: string): string {
  if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString("hex"), { mode: 0o600 });
  return readFileSync(file, "utf8");
}
