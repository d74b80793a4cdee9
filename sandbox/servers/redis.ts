import { mkdirSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import type { CpuLimit } from "../cpu/limit";
import type { EmulatedSessionStore } from "../emulated";
import { RedisMeter } from "./redis-meter";
import { ServerProcess } from "./server-process";
import type { Measure } from "./servers";
import { serverCertificate } from "./trust";

export interface RedisSurroundings {
  server: string;
  env: Record<string, string>;
  certificates: string;
  log: string;
}

/** One Redis or Valkey: its folder and its process. What is in it survives a restart. */
export class Redis {
  private readonly process: ServerProcess;
  private readonly meter: RedisMeter;

  constructor(
    public spec: EmulatedSessionStore,
    private readonly folder: string,
    private readonly around: RedisSurroundings,
  ) {
    mkdirSync(folder, { recursive: true });
    this.process = new ServerProcess(() => ({
      command: around.server,
      args: [join(folder, "redis.conf")],
      env: { PATH: process.env.PATH ?? "/usr/bin:/bin", ...around.env },
      log: around.log,
      stopSignal: "SIGTERM",
    }));
    this.meter = new RedisMeter(this.process, () => this.spec);
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

  async start(): Promise<void> {
    await this.configure();
    const { address, port } = this.spec;
    await this.process.start(() => accepts(address, port));
  }

  stop(): Promise<void> {
    this.meter.close();
    return this.process.stop();
  }

  kill(): void {
    this.process.kill();
  }

  private async configure(): Promise<void> {
    const { address, port, tls, tokens } = this.spec;
    const file = (name: string, content: string) => {
      const path = join(this.folder, name);
      writeFileSync(path, content, { mode: 0o600 });
      return path;
    };
    const { key, cert } = await serverCertificate(address, this.around.certificates);
    const ports = tls
      ? [
          "port 0",
          `tls-port ${port}`,
          `tls-cert-file "${file("server.crt", cert)}"`,
          `tls-key-file "${file("server.key", key)}"`,
          "tls-auth-clients no",
        ]
      : [`port ${port}`];
    const passwords = tokens.length > 0 ? tokens.map((token) => `">${token}"`).join(" ") : "nopass";
    const lines = [
      `bind ${address}`,
      ...ports,
      `user default on ${passwords} ~* &* +@all`,
      "protected-mode no",
      `dir "${this.folder}"`,
      "appendonly yes",
      "appendfsync no",
      'save ""',
      "maxmemory 64mb",
      "maxmemory-policy volatile-lru",
      "daemonize no",
    ];
    file("redis.conf", `${lines.join("\n")}\n`);
  }
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1_000 });
    const answer = (open: boolean) => {
      socket.destroy();
      resolve(open);
    };
    socket.once("connect", () => answer(true));
    socket.once("error", () => answer(false));
    socket.once("timeout", () => answer(false));
  });
}
