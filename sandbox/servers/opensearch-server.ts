import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { CpuLimit } from "../cpu/limit";
import type { EmulatedLogStore } from "../emulated";
import type { OpenSearch } from "../toolchain/opensearch";
import { OpenSearchDoor } from "./opensearch-door";
import { ServerProcess } from "./server-process";
import { serverCertificate } from "./trust";

export interface OpenSearchSurroundings {
  openSearch: OpenSearch;
  env: Record<string, string>;
  certificates: string;
  log: string;
}

/** Where OpenSearch itself listens, behind the door. */
const INNER_PORT = 9200;
const START_MILLISECONDS = 180_000;

/** One OpenSearch: its folder, its process, and the door in front of it. */
export class OpenSearchServer {
  private readonly process: ServerProcess;
  private readonly door: OpenSearchDoor;

  constructor(
    public spec: EmulatedLogStore,
    folder: string,
    private readonly around: OpenSearchSurroundings,
  ) {
    const [data, snapshots] = [join(folder, "data"), join(folder, "snapshots")];
    for (const path of [data, snapshots]) mkdirSync(path, { recursive: true });
    const inner = { host: spec.address, port: INNER_PORT };
    this.door = new OpenSearchDoor(() => this.spec, inner, join(folder, "users.json"));
    this.process = new ServerProcess(() => ({
      command: around.openSearch.command,
      args: around.openSearch.args({ data, snapshots, ...inner }),
      env: { PATH: process.env.PATH ?? "/usr/bin:/bin", ...around.env },
      log: around.log,
      stopSignal: "SIGTERM",
    }));
  }

  get running(): boolean {
    return this.process.running;
  }

  get limit(): CpuLimit {
    return this.process.limit;
  }

  async start(): Promise<void> {
    // Before the machines that are to trust it: what they read of the certificates they keep for long.
    const certificate = await serverCertificate(this.spec.address, this.around.certificates);
    await this.process.start(() => this.answers(), START_MILLISECONDS);
    await this.door.open(certificate);
  }

  async stop(): Promise<void> {
    this.door.close();
    await this.process.stop();
  }

  kill(): void {
    this.process.kill();
  }

  private answers(): Promise<boolean> {
    const url = `http://${this.spec.address}:${INNER_PORT}/_cluster/health?wait_for_status=yellow&timeout=1s`;
    return fetch(url).then(
      ({ ok }) => ok,
      () => false,
    );
  }
}
