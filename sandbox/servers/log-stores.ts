import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { EmulatedLogStore, EmulatedState } from "../emulated";
import { ensureOpenSearch, type OpenSearch } from "../toolchain/opensearch";
import { OpenSearchServer } from "./opensearch-server";
import { type Holder, Servers } from "./servers";
import type { ServersSurroundings } from "./surroundings";

/** A real OpenSearch for each emulated domain. Nobody waits for it: what is sent before it is up waits with the sender. */
export class LogStores extends Servers<EmulatedLogStore, OpenSearchServer, OpenSearch> {
  constructor(around: ServersSurroundings) {
    super("logStore", around);
    for (const folder of [this.folderOf(), around.certificates]) mkdirSync(folder, { recursive: true });
  }

  apply(state: EmulatedState): void {
    if (this.ended) return;
    const stores = state.logStores ?? [];
    this.addOrChange(stores);
    this.removeAllBut(new Set(stores.map(({ id }) => id)));
  }

  clearLeftovers(): void {
    for (const id of readdirSync(this.folderOf())) {
      if (!this.present.has(id)) rmSync(this.folderOf(id), { recursive: true, force: true });
    }
  }

  protected async start(holder: Holder<EmulatedLogStore, OpenSearchServer>): Promise<void> {
    const { id, identifier } = holder.spec;
    holder.server = new OpenSearchServer(holder.spec, this.folderOf(id), {
      openSearch: await this.findPrograms(),
      env: this.around.environment,
      certificates: this.around.certificates,
      log: join(this.around.logs, `${identifier}.log`),
    });
    await holder.server.start();
    this.reports.available(holder.spec);
  }

  protected change(holder: Holder<EmulatedLogStore, OpenSearchServer>, spec: EmulatedLogStore): void {
    holder.spec = spec;
    this.inTurn(holder, async () => {
      if (holder.server) holder.server.spec = spec;
    });
  }

  protected loadPrograms(): Promise<OpenSearch> {
    return ensureOpenSearch(this.around.progress);
  }

  protected folderOf(id = ""): string {
    return join(this.around.folder, "log-stores", id);
  }
}
