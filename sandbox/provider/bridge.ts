/** The bridge process: started by us, owned by us, gone with us. */
import { type ChildProcess, spawn } from "node:child_process";
import * as grpc from "@grpc/grpc-js";
import { PROVIDER_SERVICE, parameterizeRequest } from "./methods";

/**
 * The bridge and the Terraform provider it starts run in a process group of their own, led by this script. It reads
 * from a pipe that only our process holds: when we are gone, even by SIGKILL, the read ends and the group is killed.
 * (The bridge does not end its Terraform provider when it is killed itself.)
 */
const WATCHDOG = `
trap '' TERM INT HUP
"$@" </dev/null &
exec >&-
read -r _
kill -TERM 0
sleep 0.2
kill -KILL 0
`;

/**
 * Both processes read a schema of 50 MB at start, and Go's garbage collector takes a fifth of that time when it is left to
 * its defaults.
 */
const QUICK_START = { GOGC: "400", GOMEMLIMIT: "1GiB" };

const SETTINGS: grpc.ChannelOptions = {
  "grpc.max_receive_message_length": -1,
  "grpc.max_send_message_length": -1,
};

export const raw = (bytes: Buffer): Buffer => bytes;

export interface BridgeOptions {
  /** Path of the bridge's executable. */
  executable: string;
  /** Path of the Terraform provider, which must end with `/terraform-provider-aws`. */
  terraformProvider: string;
  /** Where the bridge sends its log lines. */
  engineAddress: string;
  onExit: (detail: string) => void;
}

export class Bridge {
  private readonly leader: ChildProcess;
  /** Resolves when the bridge has read the Terraform provider's schema. */
  readonly ready: Promise<grpc.Client>;

  constructor(private readonly options: BridgeOptions) {
    this.leader = spawn("/bin/sh", ["-c", WATCHDOG, "sh", options.executable, options.engineAddress], {
      detached: true,
      stdio: ["pipe", "pipe", "inherit"],
      env: { ...QUICK_START, ...process.env },
    });
    this.leader.stdin!.on("error", () => {});
    this.ready = this.connect();
    this.ready.catch(() => {});
  }

  private async connect(): Promise<grpc.Client> {
    const port = await this.port();
    const client = new grpc.Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), SETTINGS);
    await call(
      client,
      `${PROVIDER_SERVICE}Parameterize`,
      parameterizeRequest([this.options.terraformProvider]),
    );
    return client;
  }

  /** Like every Pulumi plugin the bridge prints its port as the first line. */
  private port(): Promise<number> {
    return new Promise((resolve, reject) => {
      let text = "";
      let known = false;
      const stdout = this.leader.stdout!;
      stdout.on("data", (chunk: Buffer) => {
        if (known) return;
        text += chunk.toString("utf8");
        const line = /^(\d+)\r?\n/.exec(text);
        if (line) {
          known = true;
          resolve(Number(line[1]));
        }
      });
      stdout.on("close", () => {
        const detail = `The provider bridge ended${known ? "" : " at start"} (${this.options.executable}).`;
        reject(new Error(detail));
        this.options.onExit(detail);
      });
      this.leader.on("error", reject);
    });
  }

  /** Ends the bridge and its Terraform provider at once. */
  kill(): void {
    const group = this.leader.pid;
    if (!group) return;
    try {
      process.kill(-group, "SIGKILL");
    } catch {
      // Already gone.
    }
  }
}

/** One unary call with the message as bytes. */
export function call(client: grpc.Client, path: string, request: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(path, raw, raw, request, (error, response) => {
      if (error) reject(error);
      else resolve(response ?? Buffer.alloc(0));
    });
  });
}
