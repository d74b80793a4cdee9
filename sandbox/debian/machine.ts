/**
 * A machine that really boots: Debian's own systemd as process 1, in namespaces of its own, on the root that all machines
 * share with a layer of its own over it. Everything is as on EC2 but the kernel, which is this machine's, so that clock, swap,
 * kernel settings and audit are not tried here. It has no network but its own loopback, and ends with whoever started it.
 */
import { type ChildProcess, spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { SandboxError } from "../errors";
import { ensureDebianPackages } from "../toolchain/debian";
import { type RunResult, run } from "../toolchain/run";
import type { DebianRoot } from "./root";

export interface MachineOptions {
  readonly root: DebianRoot;
  readonly name: string;
  /** Laid over the root before it boots: by path, text and mode (default 0644). */
  readonly files?: Readonly<Record<string, { content: string | Buffer; mode?: number }>>;
  /** Folders of this machine that it sees, read-only: by their path in it. */
  readonly mounts?: Readonly<Record<string, string>>;
  /** How much memory all its processes may take together, in MB. Default: no limit. */
  readonly memoryMb?: number;
  /** What a former machine changed of the root, see `keepLayer`: an image that was baked. Default: the root as it is. */
  readonly layer?: string;
}

/** What a machine changed of its root, kept for others to start from. */
export interface KeptLayer {
  readonly folder: string;
  remove(): void;
}

const BOOT_SECONDS = 60;

export class DebianMachine {
  private constructor(
    private readonly process: ChildProcess,
    private readonly folder: string,
    private readonly group: string | undefined,
    /** Process 1 of the machine, as this machine counts. */
    private readonly leader: number,
  ) {}

  /** Boots it; resolves when its systemd answers. */
  static async start(options: MachineOptions): Promise<DebianMachine> {
    const { bin, env, root: tree } = await ensureDebianPackages(["systemd-container"]);
    const folder = mkdtempSync(join(tmpdir(), `retrofit-machine-${options.name}-`));
    const upper = join(folder, "upper");
    for (const part of ["upper", "work", "merged"]) mkdirSync(join(folder, part));
    for (const [path, { content, mode }] of Object.entries(options.files ?? {})) {
      mkdirSync(dirname(join(upper, path)), { recursive: true });
      writeFileSync(join(upper, path), content, { mode: mode ?? 0o644 });
    }
    const group = options.memoryMb === undefined ? undefined : limited(options.name, options.memoryMb);
    const libraries = join(tree, "usr/lib/x86_64-linux-gnu/systemd");
    const binds = Object.entries(options.mounts ?? {}).map(([path, from]) => `--bind-ro=${from}:${path}`);
    const child = spawn(
      "unshare",
      [
        "--mount",
        "sh",
        "-ec",
        START,
        "sh",
        [options.layer, options.root.folder].filter(Boolean).join(":"),
        folder,
        group ?? "",
        bin("systemd-nspawn"),
        options.name,
        ...binds,
      ],
      {
        env: {
          ...process.env,
          ...env,
          LD_LIBRARY_PATH: [env.LD_LIBRARY_PATH, existsSync(libraries) ? libraries : ""]
            .filter(Boolean)
            .join(":"),
        },
        stdio: ["pipe", "pipe", "pipe"],
        detached: true,
      },
    );
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (chunk: Buffer) => {
        output = (output + chunk.toString("utf8")).slice(-8192);
      });
    }
    child.on("error", (error) => {
      output += error.message;
    });
    const end = Date.now() + BOOT_SECONDS * 1000;
    while (Date.now() < end && child.exitCode === null) {
      const leader = child.pid === undefined ? undefined : processOne(child.pid);
      if (leader !== undefined) {
        const machine = new DebianMachine(child, folder, group, leader);
        const asked = await machine.exec(
          "systemctl is-system-running --quiet || systemctl is-system-running",
        );
        if (asked.code === 0 || /degraded|starting|running/.test(asked.output)) return machine;
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    killAll(child);
    rmSync(folder, { recursive: true, force: true });
    throw new SandboxError(
      `Machine ${options.name} did not boot: ${output.trim().split("\n").slice(-4).join(" ")}`,
      "Try again.",
    );
  }

  /** Runs a shell command in the machine, as root. */
  exec(command: string, options: { timeoutSeconds?: number } = {}): Promise<RunResult> {
    const inside = [
      "--target",
      String(this.leader),
      "--mount",
      "--uts",
      "--ipc",
      "--net",
      "--pid",
      "--cgroup",
    ];
    const path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    return run(
      "nsenter",
      [...inside, "env", "-i", path, "HOME=/root", "LC_ALL=C.UTF-8", "sh", "-c", command],
      {
        timeout: (options.timeoutSeconds ?? 300) * 1000,
      },
    );
  }

  /** Most memory that its processes have taken together so far, in MB; undefined where no limit was asked for. */
  peakMemoryMb(): number | undefined {
    if (this.group === undefined) return undefined;
    const file = ["memory.max_usage_in_bytes", "memory.peak"]
      .map((name) => join(this.group!, name))
      .find((path) => existsSync(path));
    return file === undefined ? undefined : Math.round(Number(readFileSync(file, "utf8")) / 1048576);
  }

  /** How often the kernel ended a process of it for want of memory. */
  outOfMemory(): number {
    if (this.group === undefined) return 0;
    const file = ["memory.oom_control", "memory.events"]
      .map((name) => join(this.group!, name))
      .find((path) => existsSync(path));
    const found = file && /^oom_kill (\d+)$/m.exec(readFileSync(file, "utf8"));
    return found ? Number(found[1]) : 0;
  }

  /** Ends it, and keeps what it changed. */
  async keepLayer(): Promise<KeptLayer> {
    await this.end();
    const folder = join(this.folder, "upper");
    return { folder, remove: () => rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 }) };
  }

  async stop(): Promise<void> {
    await this.end();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  private async end(): Promise<void> {
    const ended = new Promise<void>((resolve) => {
      if (this.process.exitCode !== null || this.process.signalCode !== null) resolve();
      else this.process.once("close", () => resolve());
    });
    try {
      process.kill(this.leader, "SIGKILL");
    } catch {
      // It has ended already.
    }
    killAll(this.process);
    await ended;
    if (this.group)
      await run("sh", [
        "-c",
        `for n in 1 2 3 4 5; do find "$0" -depth -type d -exec rmdir {} + 2>/dev/null && break; sleep 0.2; done`,
        this.group,
      ]);
  }
}

function killAll(child: ChildProcess): void {
  try {
    if (child.pid) process.kill(-child.pid, "SIGKILL");
  } catch {
    // Already gone.
  }
}

/** A control group with a limit, of either kind of hierarchy. */
function limited(name: string, megabytes: number): string {
  const first = existsSync("/sys/fs/cgroup/memory") ? "/sys/fs/cgroup/memory" : "/sys/fs/cgroup";
  const group = join(first, `retrofit-${name}-${process.pid}`);
  mkdirSync(group, { recursive: true });
  const file = ["memory.limit_in_bytes", "memory.max"]
    .map((entry) => join(group, entry))
    .find((path) => existsSync(path));
  if (!file)
    throw new SandboxError(
      "This machine's kernel gives no memory limits.",
      "Mount the memory control group.",
    );
  writeFileSync(file, String(megabytes * 1048576));
  return group;
}

/** The process below `parent` that is process 1 of its own namespace. */
function processOne(parent: number): number | undefined {
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const status = readFileSync(`/proc/${entry}/status`, "utf8");
      const ids = /^NSpid:\s+(.*)$/m.exec(status)?.[1]?.split(/\s+/) ?? [];
      if (ids.length < 2 || ids.at(-1) !== "1") continue;
      if (
        descends(Number(entry), parent) &&
        readFileSync(`/proc/${entry}/comm`, "utf8").startsWith("systemd")
      )
        return Number(entry);
    } catch {
      // It ended while it was looked at.
    }
  }
  return undefined;
}

function descends(pid: number, ancestor: number): boolean {
  let current = pid;
  while (current > 1) {
    if (current === ancestor) return true;
    const stat = readFileSync(`/proc/${current}/stat`, "utf8");
    current = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  }
  return false;
}

/**
 * In a mount namespace of its own, so that nothing stays mounted. Holds the end of a pipe to whoever started it: when that
 * process is gone, the machine is killed.
 */
const START = `
root=$1 folder=$2 group=$3 nspawn=$4 name=$5
shift 5
exec 3<&0
( read -r _ <&3 || true; kill -KILL 0 ) >/dev/null 2>&1 &
mount -t overlay overlay -o "lowerdir=$root,upperdir=$folder/upper,workdir=$folder/work" "$folder/merged"
[ -z "$group" ] || echo $$ > "$group/cgroup.procs"
# Docker on it makes keyrings and device rules for its containers, which nspawn would refuse.
exec "$nspawn" --quiet --system-call-filter='add_key keyctl bpf' --register=no --keep-unit --private-network --boot --machine="$name" --directory="$folder/merged" \\
  --resolv-conf=off --timezone=off --console=pipe "$@" </dev/null 3<&-
`;
