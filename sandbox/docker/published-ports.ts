import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, rmSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { join } from "node:path";
import { packageFolder } from "../folders";
import type { DockerEngine } from "./engine";

const LOOK_MILLISECONDS = 300;

/** Makes the ports that containers publish reachable at the address of the machine that they are on. */
export class PublishedPorts {
  private readonly servers = new Map<number, Server>();
  private inside: ChildProcess | undefined;
  private over = false;

  constructor(
    private readonly engine: DockerEngine,
    private readonly address: string,
  ) {}

  async follow(): Promise<void> {
    rmSync(this.socket, { force: true });
    const program = join(packageFolder(), "sandbox", "docker", "inside.js");
    this.inside = this.engine.spawnInside(process.execPath, [program, this.socket]);
    await once(this.inside.stdout!, "data");
    while (!this.over && existsSync(this.socket)) {
      const published = await this.published().catch(() => undefined);
      // A daemon that is being restarted says nothing of its containers, which go on.
      if (published) this.update(published);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MILLISECONDS));
    }
  }

  close(): void {
    this.over = true;
    this.update(new Set());
    this.inside?.kill();
  }

  private async published(): Promise<Set<number>> {
    const containers: { Ports: { PublicPort?: number }[] }[] = await this.engine.call(
      "GET",
      "/containers/json",
    );
    return new Set(containers.flatMap(({ Ports }) => Ports.flatMap(({ PublicPort }) => PublicPort ?? [])));
  }

  private update(wanted: Set<number>): void {
    for (const [port, server] of this.servers) {
      if (wanted.has(port)) continue;
      server.close();
      this.servers.delete(port);
    }
    for (const port of wanted) if (!this.servers.has(port)) this.servers.set(port, this.open(port));
  }

  private open(port: number): Server {
    const preamble = Buffer.alloc(2);
    preamble.writeUInt16BE(port);
    const server = createServer({ allowHalfOpen: true }, (outer) => {
      const inner = connect({ path: this.socket, allowHalfOpen: true });
      inner.write(preamble);
      inner.on("error", () => outer.destroy());
      outer.on("error", () => inner.destroy());
      inner.on("close", () => outer.destroy());
      outer.on("close", () => inner.destroy());
      outer.pipe(inner).pipe(outer);
    });
    server.on("error", (error) => console.error(`port ${port} of ${this.address}: ${error.message}`));
    return server.listen(port, this.address);
  }

  private get socket(): string {
    return join(this.engine.folder, "docker", "ports.sock");
  }
}
