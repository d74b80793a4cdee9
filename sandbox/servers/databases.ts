import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { EmulatedDatabase, EmulatedSnapshot, EmulatedState } from "../emulated";
import { copyCluster, Postgres } from "./postgres";
import { postgresPrograms, type ServerPrograms } from "./programs";
import { Reports } from "./reports";
import type { ServerStatus, ServersSurroundings } from "./surroundings";
import { Turns } from "./turns";
import { handOver } from "./unprivileged";

/** A database as it is declared, and its server once there is one. */
interface Holder {
  spec: EmulatedDatabase;
  server?: Postgres;
}

/**
 * A real PostgreSQL for each emulated database instance, and real copies for its snapshots. What is done with one database
 * is done in turn; a copy of it takes its place among the turns when it is asked for, so it has what was there then.
 */
export class Databases {
  private readonly present = new Map<string, Holder>();
  private snapshots = new Set<string>();
  private readonly reports: Reports;
  private readonly turns = new Turns();
  private programs: Promise<ServerPrograms> | undefined;
  private readonly adminPassword: string;
  private ended = false;

  constructor(private readonly around: ServersSurroundings) {
    this.reports = new Reports("database", around);
    for (const folder of [this.folderOf(), this.snapshotFolder(), around.certificates]) {
      mkdirSync(folder, { recursive: true });
    }
    this.adminPassword = keptSecret(join(around.folder, "databases", "administrator"));
  }

  apply(state: EmulatedState): void {
    if (this.ended) return;
    const databases = state.databases ?? [];
    const snapshots = state.databaseSnapshots ?? [];
    for (const database of databases) {
      const holder = this.present.get(database.id);
      if (holder === undefined) this.add(database);
      else if (JSON.stringify(holder.spec) !== JSON.stringify(database)) this.change(holder, database);
    }
    // Before what is gone is removed: a last snapshot is asked for together with the end of its database.
    for (const snapshot of snapshots) if (!this.snapshots.has(snapshot.id)) this.take(snapshot);
    const declared = new Set([...databases, ...snapshots].map(({ id }) => id));
    for (const [id, holder] of this.present) if (!declared.has(id)) this.remove(id, holder);
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

  report() {
    return this.reports.all();
  }

  list(): ServerStatus[] {
    return [...this.present.values()].map(({ spec }) => this.reports.status(spec));
  }

  /** As a crash would; it is started again. */
  kill(identifier: string): boolean {
    const holder = [...this.present.values()].find(({ spec }) => spec.identifier === identifier);
    holder?.server?.kill();
    return holder !== undefined;
  }

  async close(): Promise<void> {
    this.ended = true;
    await Promise.all([...this.present.values()].map(({ server }) => server?.stop()));
    await this.turns.idle();
    await Promise.all([...this.present.values()].map(({ server }) => server?.stop()));
  }

  private add(spec: EmulatedDatabase): void {
    const holder: Holder = { spec };
    this.present.set(spec.id, holder);
    this.reports.starting(spec.id);
    this.inTurn(holder, async () => {
      const server = new Postgres(spec, this.folderOf(spec.id), {
        programs: await this.findPrograms(),
        adminPassword: this.adminPassword,
        certificates: this.around.certificates,
        log: join(this.around.logs, `${spec.identifier}.log`),
        environment: this.around.environment,
      });
      holder.server = server;
      server.spec = holder.spec;
      if (!server.exists) await this.fill(server);
      if (server.spec.status !== "stopped") await server.start();
      this.reports.available(server.spec);
    });
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

  private change(holder: Holder, spec: EmulatedDatabase): void {
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

  private remove(id: string, holder: Holder): void {
    this.present.delete(id);
    void this.turns
      .take(id, async () => {
        await holder.server?.stop();
        rmSync(this.folderOf(id), { recursive: true, force: true });
      })
      .catch((error: Error) => this.around.log(`database ${id}: ${error.message}`))
      .finally(() => this.reports.gone(id, holder.spec));
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

  private inTurn(holder: Holder, work: () => Promise<void>): void {
    const { id } = holder.spec;
    void this.turns
      .take(id, async () => {
        if (!this.ended && this.present.get(id) === holder) await work();
      })
      .catch((error: Error) => this.ended || this.reports.failed(holder.spec, error));
  }

  private findPrograms(): Promise<ServerPrograms> {
    this.programs ??= postgresPrograms(this.around.progress).catch((error: Error) => {
      this.programs = undefined;
      throw error;
    });
    return this.programs;
  }

  private folderOf(id = ""): string {
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
