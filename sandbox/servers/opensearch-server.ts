import { timingSafeEqual } from "node:crypto";
import { mkdirSync } from "node:fs";
import { type IncomingMessage, request, type ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import { join } from "node:path";
import type { CpuLimit } from "../cpu/limit";
import type { EmulatedLogStore } from "../emulated";
import type { OpenSearch } from "../toolchain/opensearch";
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

/** One OpenSearch: its folder, its process, and the door in front of it, which speaks TLS and asks for user and password. */
export class OpenSearchServer {
  private readonly process: ServerProcess;
  private door: Server | undefined;

  constructor(
    public spec: EmulatedLogStore,
    folder: string,
    private readonly around: OpenSearchSurroundings,
  ) {
    const [data, snapshots] = [join(folder, "data"), join(folder, "snapshots")];
    for (const path of [data, snapshots]) mkdirSync(path, { recursive: true });
    this.process = new ServerProcess(() => ({
      command: around.openSearch.command,
      args: around.openSearch.args({ data, snapshots, host: spec.address, port: INNER_PORT }),
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
    const { address, port } = this.spec;
    // Before the machines that are to trust it: what they read of the certificates they keep for long.
    const { key, cert } = await serverCertificate(address, this.around.certificates);
    await this.process.start(() => this.answers(), START_MILLISECONDS);
    const door = createServer({ key, cert }, (asked, answer) => this.pass(asked, answer));
    await new Promise<void>((resolve, reject) => {
      door.once("error", reject);
      door.listen(port, address, resolve);
    });
    this.door = door;
  }

  async stop(): Promise<void> {
    this.closeDoor();
    await this.process.stop();
  }

  kill(): void {
    this.process.kill();
  }

  private closeDoor(): void {
    this.door?.close();
    this.door?.closeAllConnections();
    this.door = undefined;
  }

  private answers(): Promise<boolean> {
    const url = `http://${this.spec.address}:${INNER_PORT}/_cluster/health?wait_for_status=yellow&timeout=1s`;
    return fetch(url).then(
      ({ ok }) => ok,
      () => false,
    );
  }

  private pass(asked: IncomingMessage, answer: ServerResponse): void {
    if (!this.knows(asked.headers.authorization)) {
      answer.writeHead(401, { "WWW-Authenticate": "Basic" }).end("Unauthorized");
      return;
    }
    const { authorization: _, host: __, ...headers } = asked.headers;
    const inner = request({
      host: this.spec.address,
      port: INNER_PORT,
      method: asked.method,
      path: asked.url,
      headers,
    });
    inner.on("response", (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(answer);
    });
    inner.on("error", () => {
      if (!answer.headersSent) answer.writeHead(502);
      answer.end();
    });
    asked.pipe(inner);
  }

  private knows(authorization: string | undefined): boolean {
    const { user, password } = this.spec;
    if (user === null) return true;
    const expected = Buffer.from(`Basic ${Buffer.from(`${user}:${password ?? ""}`).toString("base64")}`);
    const given = Buffer.from(authorization ?? "");
    return given.length === expected.length && timingSafeEqual(given, expected);
  }
}
