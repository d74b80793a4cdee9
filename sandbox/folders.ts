import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

/** The cache folder of everything: `RETROFIT_HOME`, or `retrofit` in the user's cache folder. */
export function homeFolder(): string {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
  return resolve(process.env.RETROFIT_HOME || join(cache, "retrofit"));
}

/** Where one sandbox keeps what it has: `RETROFIT_SANDBOX`, or `sandbox` in the home folder. */
export function sandboxFolder(): string {
  return resolve(process.env.RETROFIT_SANDBOX || join(homeFolder(), "sandbox"));
}

export interface SandboxFiles {
  folder: string;
  /** Tells this sandbox from others on the machine; the same in every run. */
  key: string;
  daemon: string;
  socket: string;
  port: string;
  journal: string;
  logs: string;
  /** Pulumi's file backend. */
  state: string;
  /** PULUMI_HOME */
  pulumi: string;
}

/** A Unix socket's path has to fit into 108 bytes. */
const longestSocketPath = 107;

export function sandboxFiles(folder = sandboxFolder()): SandboxFiles {
  const key = createHash("sha256").update(folder).digest("hex").slice(0, 12);
  const socket = join(folder, "control.sock");
  return {
    folder,
    key,
    daemon: join(folder, "daemon.json"),
    socket: Buffer.byteLength(socket) <= longestSocketPath ? socket : join(tmpdir(), `retrofit-${key}.sock`),
    port: join(folder, "port"),
    journal: join(folder, "journal"),
    logs: join(folder, "logs"),
    state: join(folder, "state"),
    pulumi: join(folder, "pulumi"),
  };
}

/** The folder of the package, whether the sources run or what was compiled from them. */
export function packageFolder(): string {
  let folder = __dirname;
  while (!existsSync(join(folder, "package.json"))) folder = dirname(folder);
  return folder;
}
