import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { EmulatedSessionStore, EmulatedState } from "../emulated";
import { redisPrograms } from "./programs";
import { Redis } from "./redis";
import { Reports } from "./reports";
import type { ServerStatus, ServersSurroundings } from "./surroundings";
import { Turns } from "./turns";

interface Holder {
  spec: EmulatedSessionStore;
  server?: Redis;
}

/** A real Redis (or Valkey) for each emulated replication group; all of its endpoints are this one server. */
export class SessionStores {
  private readonly present = new Map<string, Holder>();
  private readonly reports: Reports;
  private readonly turns = new Turns();
  private programs: ReturnType<typeof redisPrograms> | undefined;
  private ended = false;

  constructor(private readonly around: ServersSurroundings) {
    this.reports = new Reports("sessionStore", around);
    for (const folder of [this.folderOf(), around.certificates]) mkdirSync(folder, { recursive: true });
  }

  apply(state: EmulatedState): void {
    if (this.ended) return;
    const stores = state.sessionStores ?? [];
    for (const store of stores) {
      const holder = this.present.get(store.id);
      if (holder === undefined) this.add(store);
      else if (JSON.stringify(holder.spec) !== JSON.stringify(store)) this.change(holder, store);
    }
    const declared = new Set(stores.map(({ id }) => id));
    for (const [id, holder] of this.present) if (!declared.has(id)) this.remove(id, holder);
  }

  clearLeftovers(): void {
    for (const id of readdirSync(this.folderOf())) {
      if (!this.present.has(id)) rmSync(this.folderOf(id), { recursive: true, force: true });
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
    await this.turns.idle();
    await Promise.all([...this.present.values()].map(({ server }) => server?.stop()));
  }

  private add(spec: EmulatedSessionStore): void {
    const holder: Holder = { spec };
    this.present.set(spec.id, holder);
    this.reports.starting(spec.id);
    this.inTurn(holder, async () => {
      const { server, env } = await this.findPrograms();
      holder.server = new Redis(holder.spec, this.folderOf(spec.id), {
        server,
        env: { ...env, ...this.around.environment },
        certificates: this.around.certificates,
        log: join(this.around.logs, `${spec.identifier}.log`),
      });
      await holder.server.start();
      this.reports.available(holder.spec);
    });
  }

  private change(holder: Holder, spec: EmulatedSessionStore): void {
    holder.spec = spec;
    this.inTurn(holder, async () => {
      const { server } = holder;
      if (server === undefined) return;
      await server.stop();
      server.spec = spec;
      await server.start();
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
      .catch((error: Error) => this.around.log(`session store ${id}: ${error.message}`))
      .finally(() => this.reports.gone(id, holder.spec));
  }

  private inTurn(holder: Holder, work: () => Promise<void>): void {
    const { id } = holder.spec;
    void this.turns
      .take(id, async () => {
        if (!this.ended && this.present.get(id) === holder) await work();
      })
      .catch((error: Error) => this.ended || this.reports.failed(holder.spec, error));
  }

  private findPrograms() {
    this.programs ??= redisPrograms(this.around.progress).catch((error: Error) => {
      this.programs = undefined;
      throw error;
    });
    return this.programs;
  }

  private folderOf(id = ""): string {
    return join(this.around.folder, "session-stores", id);
  }
}
