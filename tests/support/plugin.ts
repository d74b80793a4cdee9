/** The AWS plugin of the sandbox as the engine starts it, for tests of how it lives and dies. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import * as grpc from "@grpc/grpc-js";
import { until } from "./sandbox";

const { ResourceProviderClient } = require("@pulumi/pulumi/proto/provider_grpc_pb");
const { Empty } = require("google-protobuf/google/protobuf/empty_pb");

/** Stands for the engine: starts the plugin and passes its port on. */
const ENGINE = `
const child = require("node:child_process").spawn(process.argv[1], [], { stdio: ["ignore", "inherit", "inherit"] });
child.on("exit", () => process.exit(0));
setInterval(() => {}, 1000);
`;

export class TestPlugin {
  private readonly mark = `RETROFIT_TEST_PLUGIN=${randomUUID()}`;
  private readonly engine: ChildProcess;
  private port?: string;

  constructor(executable: string) {
    const [name, value] = this.mark.split("=") as [string, string];
    this.engine = spawn(process.execPath, ["-e", ENGINE, executable], {
      env: { ...process.env, [name]: value },
      stdio: ["ignore", "pipe", "inherit"],
    });
    createInterface(this.engine.stdout!).once("line", (line) => {
      this.port = line;
    });
  }

  /** Waits for the port that a plugin prints first. */
  async listening(): Promise<void> {
    await until("the plugin prints its port", () => this.port !== undefined, 60);
  }

  /** Waits until the Terraform provider runs and has been read. */
  async ready(): Promise<void> {
    await this.listening();
    await until("the Terraform provider runs", () => this.running("terraform-provider").length > 0, 90);
  }

  call(method: "cancel" | "getPluginInfo"): Promise<{ getVersion(): string }> {
    const client = new ResourceProviderClient(`127.0.0.1:${this.port}`, grpc.credentials.createInsecure());
    return new Promise((resolve, reject) => {
      client[method](new Empty(), (error: Error | null, answer: { getVersion(): string }) => {
        client.close();
        if (error) reject(error);
        else resolve(answer);
      });
    });
  }

  /** Processes that descend from this plugin's engine, whoever their parent is now; by a word of their program. */
  running(word = ""): number[] {
    return readdirSync("/proc")
      .map(Number)
      .filter((pid) => pid > 0 && pid !== this.engine.pid && this.isOurs(pid, word));
  }

  private isOurs(pid: number, word: string): boolean {
    try {
      const [program, script = ""] = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
      return (
        `${program} ${script}`.includes(word) &&
        readFileSync(`/proc/${pid}/environ`, "utf8").includes(this.mark)
      );
    } catch {
      return false;
    }
  }

  killEngine(): void {
    this.engine.kill("SIGKILL");
  }

  kill(word: string): void {
    for (const pid of this.running(word)) process.kill(pid, "SIGKILL");
  }

  async gone(word = ""): Promise<void> {
    await until(`no process is left of ${word || "the plugin"}`, () => this.running(word).length === 0, 10);
  }

  /** For after a test, whatever it left. */
  sweep(): void {
    this.killEngine();
    this.kill("");
  }
}
