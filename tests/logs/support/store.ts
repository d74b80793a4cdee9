/** A real OpenSearch for a test, and what tests ask it. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LogContent, setUpStore } from "../../../components/elk-stack/store/setup";
import { LogStore } from "../../../components/elk-stack/store/store";
import type { ProgressEvent } from "../../../sandbox";
import { ServerProcess } from "../../../sandbox/servers/server-process";
import {
  ensureOpenSearch,
  type OpenSearch,
  type OpenSearchNode,
} from "../../../sandbox/toolchain/opensearch";
import { until } from "../../support/sandbox";

export const say = ({ step, state, detail }: ProgressEvent) => {
  if (state !== "start") process.stderr.write(`• ${step}: ${detail ?? state}\n`);
};

const START_SECONDS = 120;

/** For many lines: more memory, and time to compile well. */
export const LARGE_STORE: StoreOptions = { heapMb: 1024, sustained: true };
type StoreOptions = Pick<OpenSearchNode, "heapMb" | "sustained">;

export interface Line extends Record<string, unknown> {
  readonly _index: string;
  readonly message: string;
}

export class TestStore {
  readonly store: LogStore;
  private readonly process: ServerProcess;

  private constructor(
    openSearch: OpenSearch,
    readonly folder: string,
    readonly port: number,
    options: StoreOptions,
  ) {
    for (const name of ["data", "snapshots"]) mkdirSync(join(folder, name), { recursive: true });
    this.store = new LogStore({ endpoint: this.endpoint });
    this.process = new ServerProcess(() => ({
      command: openSearch.command,
      args: openSearch.args({
        data: join(folder, "data"),
        snapshots: this.snapshots,
        host: "127.0.0.1",
        port,
        ...options,
      }),
      env: { PATH: process.env.PATH ?? "/usr/bin:/bin" },
      log: join(folder, "opensearch.log"),
      stopSignal: "SIGTERM",
    }));
  }

  static async start(options: StoreOptions = {}): Promise<TestStore> {
    const openSearch = await ensureOpenSearch(say);
    const folder = mkdtempSync(join(tmpdir(), "retrofit-logs-store-"));
    const store = new TestStore(openSearch, folder, await freePort(), options);
    await store.start();
    return store;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get snapshots(): string {
    return join(this.folder, "snapshots");
  }

  async start(): Promise<void> {
    const answers = () =>
      this.store.send("GET", "/_cluster/health?wait_for_status=yellow&timeout=1s").then(
        () => true,
        () => false,
      );
    await this.process.start(answers, START_SECONDS * 1000);
  }

  /** What is in it stays, for another `start`. */
  stop(): Promise<void> {
    return this.process.stop();
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  setUp(content: Partial<LogContent> = {}) {
    return setUpStore(this.store, {
      environment: "dev",
      applications: ["shop"],
      retentionDays: 14,
      replicas: 0,
      ...content,
    });
  }

  /** Puts lines into a stream, where they can be found at once. */
  async write(stream: string, lines: readonly object[], pipeline?: string): Promise<void> {
    const body = lines
      .map((line) => `${JSON.stringify({ create: { _index: stream } })}\n${JSON.stringify(line)}\n`)
      .join("");
    const query = `?refresh=true${pipeline ? `&pipeline=${pipeline}` : ""}`;
    const { errors, items } = await this.store.send<{ errors: boolean; items: object[] }>(
      "POST",
      `/_bulk${query}`,
      body,
    );
    expect(errors ? items : []).toEqual([]);
  }

  /** Lines that a query in Lucene's words finds, oldest first. */
  async find(query: string, size = 100): Promise<Line[]> {
    const { hits } = await this.store.send<{ hits: { hits: { _index: string; _source: object }[] } }>(
      "POST",
      "/logs-*/_search",
      { size, sort: [{ "@timestamp": "asc" }], query: { query_string: { query } } },
    );
    return hits.hits.map(({ _index, _source }) => ({ _index, ..._source }) as Line);
  }

  /** Lines in a stream; with a query, those that it finds. */
  async count(stream: string, query: object = { match_all: {} }): Promise<{ lines: number }> {
    const { count } = await this.store.send<{ count: number }>("POST", `/${stream}/_count`, { query });
    return { lines: count };
  }

  /** Waits until a query finds so many lines; gives them, and how long that took in seconds. */
  async arrive(query: string, count: number, seconds = 60): Promise<{ lines: Line[]; seconds: number }> {
    const started = Date.now();
    let lines: Line[] = [];
    await until(
      `${count} lines match ${query}`,
      async () => {
        lines = await this.find(query, Math.max(100, count)).catch(() => []);
        return lines.length >= count;
      },
      seconds,
    );
    return { lines, seconds: (Date.now() - started) / 1000 };
  }
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
