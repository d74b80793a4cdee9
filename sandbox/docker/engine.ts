/**
 * A real Docker daemon that changes nothing of this machine: Debian's, unpacked and not installed, with network, mounts,
 * processes and /etc of its own, as on a machine of its own. Like that, all of it ends at once: when the process that holds
 * its namespaces goes, the kernel ends daemon and containers. Needs root, as a Docker host does.
 */
import { type ChildProcess, type SpawnSyncReturns, spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { parse } from "yaml";
import { SandboxError } from "../errors";
import { type DebianPackages, ensureDebianPackages } from "../toolchain/debian";

const PACKAGES = ["docker.io", "containerd", "runc", "iptables", "iproute2"];

/** Where the engine's folder is in its own view: reachable by users who are nobody here, which a home folder is not. */
const INSIDE = "/media";
const START_MILLISECONDS = 60_000;

// biome-ignore lint/suspicious/noExplicitAny: the daemon's answers
export type Json = any;

export interface EngineOptions {
  /** What the machine's containers see of it is below; the daemon's own files are in `docker`. */
  readonly folder: string;
  /** Configuration of machines, whose role `docker_host` says how the daemon is set up. */
  readonly configuration: string;
  /** Folders that stand for disks of the machine, by where they are mounted on it. Default: none. */
  readonly disks?: Readonly<Record<string, string>>;
}

export class DockerEngine {
  private process?: ChildProcess;
  private log = "";
  readonly socket: string;

  private constructor(
    readonly folder: string,
    private readonly holder: ChildProcess,
    private readonly tools: Record<string, string>,
  ) {
    this.socket = engineSocket(folder);
  }

  static async start({ folder, configuration, disks = {} }: EngineOptions): Promise<DockerEngine> {
    if (process.getuid?.() !== 0) {
      throw new SandboxError(
        "A Docker daemon needs root.",
        "Run the sandbox as root, or leave retrofit:docker out of the environment.",
      );
    }
    const own = join(folder, "docker");
    mkdirSync(own, { recursive: true });
    // Root in a container, who is nobody here, has to reach its files.
    for (const one of [folder, own]) chmodSync(one, 0o711);
    const tools = toolsIn(await ensureDebianPackages(PACKAGES), own);
    writeFileSync(join(own, "daemon.json"), JSON.stringify(daemonConfig(configuration)));
    const engine = new DockerEngine(folder, await holdNamespaces(folder, disks), tools);
    await engine.launch();
    return engine;
  }

  /** Starts the daemon's process; containers that were left running by live-restore are found again. */
  async launch(): Promise<void> {
    const at = `${INSIDE}/docker`;
    const started = this.spawnInside("dockerd", [
      ...["--config-file", `${at}/daemon.json`, "--data-root", `${at}/data`, "--exec-root", `${at}/exec`],
      ...["--host", `unix://${at}/docker.sock`, "--pidfile", `${at}/pid`],
    ]);
    this.process = started;
    for (const stream of [started.stdout, started.stderr]) {
      stream?.setEncoding("utf8").on("data", (chunk: string) => {
        this.log = (this.log + chunk).slice(-10_000);
      });
    }
    const deadline = Date.now() + START_MILLISECONDS;
    while ((await this.call("GET", "/_ping").catch(() => undefined)) !== "OK") {
      if (started.exitCode !== null || Date.now() > deadline) {
        throw new Error(`dockerd did not start:\n${this.log.slice(-3000)}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** Ends the daemon's process and nothing else. */
  async halt(): Promise<void> {
    const gone = new Promise((resolve) => this.process?.once("close", resolve));
    this.runInside("kill", ["-TERM", readFileSync(join(this.folder, "docker", "pid"), "utf8").trim()]);
    await gone;
  }

  /** Ends everything, as when a machine is switched off. */
  async stop(): Promise<void> {
    const gone = new Promise((resolve) => this.holder.once("close", resolve));
    if (this.holder.exitCode !== null || !this.holder.kill("SIGKILL")) return;
    await gone;
  }

  call(method: string, path: string, body?: object): Promise<Json> {
    return new Promise((resolve, reject) => {
      const sent = request(
        { socketPath: this.socket, method, path, headers: { "content-type": "application/json" } },
        (answer) => {
          const chunks: Buffer[] = [];
          answer.on("data", (chunk: Buffer) => chunks.push(chunk));
          answer.on("end", () => {
            const text = Buffer.concat(chunks).toString("utf8");
            if ((answer.statusCode ?? 500) >= 400) reject(new Error(`${method} ${path}: ${text}`));
            else resolve(parsed(text));
          });
        },
      );
      sent.on("error", reject);
      sent.end(body && JSON.stringify(body));
    });
  }

  /** With it a client outside reaches the daemon. */
  get clientEnvironment(): Record<string, string> {
    return { ...this.tools, DOCKER_HOST: `unix://${this.socket}` };
  }

  /** Runs a program where the published ports and the containers' processes are. */
  spawnInside(command: string, args: readonly string[], env: Record<string, string> = {}): ChildProcess {
    return spawn("nsenter", [...this.entrance(), command, ...args], {
      env: { ...process.env, ...this.tools, ...env },
      stdio: ["pipe", "pipe", "pipe"],
    });
  }

  runInside(
    command: string,
    args: readonly string[],
    env: Record<string, string> = {},
  ): SpawnSyncReturns<string> {
    return spawnSync("nsenter", [...this.entrance(), command, ...args], {
      env: { ...process.env, ...this.tools, ...env },
      encoding: "utf8",
    });
  }

  /** Runs a shell line in a container. */
  exec(container: string, line: string): SpawnSyncReturns<string> {
    const host = `unix://${INSIDE}/docker/docker.sock`;
    return this.runInside("docker", ["--host", host, "exec", container, "/bin/sh", "-c", line]);
  }

  /** With it `nsenter` runs what sees the daemon's mounts, and the network as it is outside. */
  get mountEntrance(): string[] {
    const of = `/proc/${this.holder.pid}/ns`;
    return [`--mount=${of}/mnt`, `--pid=${of}/pid_for_children`];
  }

  private entrance(): string[] {
    return [`--net=/proc/${this.holder.pid}/ns/net`, ...this.mountEntrance];
  }
}

/** The daemon's socket, for programs outside. */
export function engineSocket(folder: string): string {
  return join(folder, "docker", "docker.sock");
}

/** What a host's own programs have to know where a machine is only played. */
export function engineEnvironment(folder: string): Record<string, string> {
  return { RETROFIT_DOCKER_SOCKET: engineSocket(folder), RETROFIT_ENGINE_ROOT: `${INSIDE}/root` };
}

/** What hosts get, but for what needs systemd: the journal, and the account that Puppet makes. */
function daemonConfig(configuration: string): object {
  const data = readFileSync(join(configuration, "data", "role", "docker_host.yaml"), "utf8");
  const { "profile::docker::daemon": config } = parse(data) as Record<string, object>;
  return { ...config, "userns-remap": "default", "log-driver": "json-file", "log-opts": {} };
}

/** Keeps the engine's namespaces, as the first process of a machine does, and takes in processes that lost their parent. */
async function holdNamespaces(
  folder: string,
  disks: Readonly<Record<string, string>>,
): Promise<ChildProcess> {
  const script = [
    "set -e",
    "ip link set lo up",
    `mount --bind "$1" ${INSIDE}`,
    // dockerd makes the account of its user namespaces: in a copy of /etc.
    `mkdir -p ${INSIDE}/docker/etc-changes ${INSIDE}/docker/etc-work`,
    `mount -t overlay overlay -o lowerdir=/etc,upperdir=${INSIDE}/docker/etc-changes,workdir=${INSIDE}/docker/etc-work /etc`,
    `shift; while [ $# -gt 0 ]; do mkdir -p "$1" "${INSIDE}/root$2"; mount --bind "$1" "${INSIDE}/root$2"; shift 2; done`,
    "echo held",
    "exec 1>&-",
    "while :; do sleep 3600 & wait; done",
  ].join("\n");
  const apart = ["--net", "--mount", "--pid", "--mount-proc", "--fork", "--kill-child"];
  const holder = spawn("unshare", [...apart, "sh", "-c", script, "sh", folder, ...disksOf(disks)], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said = await new Promise<string>((resolve) => {
    let output = "";
    for (const stream of [holder.stdout, holder.stderr]) {
      stream?.setEncoding("utf8").on("data", (chunk: string) => {
        output += chunk;
        if (output.includes("held\n")) resolve("held");
      });
    }
    holder.once("close", () => resolve(output));
    holder.once("error", (error) => resolve(error.message));
  });
  if (said !== "held") throw new Error(`namespaces for a Docker daemon cannot be made: ${said}`);
  return holder;
}

function disksOf(disks: Readonly<Record<string, string>>): string[] {
  return Object.entries(disks).flatMap(([mount, folder]) => [folder, mount]);
}

function toolsIn(packages: DebianPackages, folder: string): Record<string, string> {
  const links = join(folder, "bin");
  rmSync(links, { recursive: true, force: true });
  mkdirSync(links);
  for (const name of ["iptables", "ip6tables"]) {
    for (const suffix of ["", "-save", "-restore"]) {
      // Debian's alternatives make these links when a package is installed.
      symlinkSync(packages.bin("xtables-nft-multi"), join(links, name + suffix));
    }
  }
  const modules = ["x86_64-linux-gnu", "aarch64-linux-gnu"]
    .map((triplet) => join(packages.root, "usr/lib", triplet, "xtables"))
    .find((place) => existsSync(place));
  return {
    ...packages.env,
    PATH: `${links}:${packages.env.PATH ?? process.env.PATH}`,
    ...(packages.root !== "/" && modules && { XTABLES_LIBDIR: modules }),
  };
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
