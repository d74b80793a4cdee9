import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { EmulatedSessionStore, EmulatedState } from "../emulated";
import { redisPrograms } from "./programs";
import { Redis } from "./redis";
import { type Holder, Servers } from "./servers";
import type { ServersSurroundings } from "./surroundings";

type Programs = Awaited<ReturnType<typeof redisPrograms>>;

/** A real Redis (or Valkey) for each emulated replication group; all of its endpoints are this one server. */
export class SessionStores extends Servers<EmulatedSessionStore, Redis, Programs> {
  constructor(around: ServersSurroundings) {
    super("sessionStore", around);
    for (const folder of [this.folderOf(), around.certificates]) mkdirSync(folder, { recursive: true });
  }

  apply(state: EmulatedState): void {
    if (this.ended) return;
    const stores = state.sessionStores ?? [];
    this.addOrChange(stores);
    this.removeAllBut(new Set(stores.map(({ id }) => id)));
  }

  clearLeftovers(): void {
    for (const id of readdirSync(this.folderOf())) {
      if (!this.present.has(id)) rmSync(this.folderOf(id), { recursive: true, force: true });
    }
  }

  protected async start(holder: Holder<EmulatedSessionStore, Redis>): Promise<void> {
    const { server, env } = await this.findPrograms();
    const { id, identifier } = holder.spec;
    holder.server = new Redis(holder.spec, this.folderOf(id), {
      server,
      env: { ...env, ...this.around.environment },
      certificates: this.around.certificates,
      log: join(this.around.logs, `${identifier}.log`),
    });
    await holder.server.start();
    this.reports.available(holder.spec);
  }

  protected change(holder: Holder<EmulatedSessionStore, Redis>, spec: EmulatedSessionStore): void {
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

  /** Its one server is the first node, whatever number of nodes there are. */
  protected override place({ identifier }: EmulatedSessionStore) {
    return { namespace: "AWS/ElastiCache", dimensions: { CacheClusterId: `${identifier}-001` } };
  }

  protected loadPrograms(): Promise<Programs> {
    return redisPrograms(this.around.progress);
  }

  protected folderOf(id = ""): string {
    return join(this.around.folder, "session-stores", id);
  }
}
