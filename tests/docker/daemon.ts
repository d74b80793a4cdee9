/**
 * A real Docker daemon for tests: Debian's, unpacked and not installed, with network, mounts and /etc of its own, so that
 * nothing of the machine is changed. Needs root, as a Docker host does.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { daemonConfig } from "../../components/docker-host/daemon-config";
import { ensureDebianPackages } from "../../sandbox/toolchain/debian";

const PACKAGES = ["docker.io", "containerd", "runc", "iptables", "busybox-static", "iproute2"];

// biome-ignore lint/suspicious/noExplicitAny: the daemon's answers
export type Json = any;

export class TestDaemon {
  private process?: ChildProcess;
  readonly socket: string;
  private log = "";

  private constructor(
    readonly folder: string,
    private readonly namespace: string,
    private readonly tools: Record<string, string>,
    private readonly busybox: string,
  ) {
    this.socket = join(folder, "docker.sock");
  }

  static async start(): Promise<TestDaemon> {
    const packages = await ensureDebianPackages(PACKAGES);
    const folder = mkdtempSync(join(tmpdir(), "retrofit-docker-"));
    // Root in a container, who is nobody here, has to reach its files.
    chmodSync(folder, 0o711);
    const links = join(folder, "bin");
    mkdirSync(links);
    for (const name of ["iptables", "ip6tables"]) {
      for (const suffix of ["", "-save", "-restore"]) {
        // Debian's alternatives make these links when a package is installed.
        symlinkSync(packages.bin("xtables-nft-multi"), join(links, name + suffix));
      }
    }
    const tools = {
      ...packages.env,
      PATH: `${links}:${packages.env.PATH ?? process.env.PATH}`,
      ...(packages.root !== "/" && {
        XTABLES_LIBDIR: join(packages.root, "usr/lib", debianTriplet(), "xtables"),
      }),
    };
    const namespace = `retrofit-docker-${process.pid}`;
    run("ip", ["netns", "add", namespace]);
    run("ip", ["-n", namespace, "link", "set", "lo", "up"]);
    const daemon = new TestDaemon(folder, namespace, tools, packages.bin("busybox"));
    // The journal is systemd's, which a test has not; everything else is what hosts get.
    const config = { ...daemonConfig({ fleet: "test" }), "log-driver": "json-file", "log-opts": {} };
    writeFileSync(join(folder, "daemon.json"), JSON.stringify(config));
    await daemon.launch();
    return daemon;
  }

  /** Starts the daemon's process; containers that were left running by live-restore are found again. */
  async launch(): Promise<void> {
    // dockerd makes the user of its user namespaces: in a copy of /etc. The mounts are private to the daemon.
    const script = [
      "mkdir -p etc-changes etc-work",
      "mount -t overlay overlay -o lowerdir=/etc,upperdir=$PWD/etc-changes,workdir=$PWD/etc-work /etc",
      `exec nsenter --net=/run/netns/${this.namespace} dockerd --config-file $PWD/daemon.json --data-root $PWD/data ` +
        "--exec-root $PWD/exec --host unix://$PWD/docker.sock --pidfile $PWD/pid",
    ].join(" && ");
    const started = spawn("unshare", ["--mount", "sh", "-c", script], {
      cwd: this.folder,
      env: { ...process.env, ...this.tools },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    this.process = started;
    for (const stream of [started.stdout, started.stderr]) {
      stream.setEncoding("utf8").on("data", (chunk: string) => {
        this.log += chunk;
      });
    }
    const deadline = Date.now() + 60_000;
    while ((await this.call("GET", "/_ping").catch(() => undefined)) !== "OK") {
      if (started.exitCode !== null || Date.now() > deadline) {
        throw new Error(`dockerd did not start:\n${this.log.slice(-3000)}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** Ends the daemon's process and nothing else. */
  async halt(): Promise<void> {
    const pid = Number(readFileSync(join(this.folder, "pid"), "utf8"));
    const gone = new Promise((resolve) => this.process?.once("close", resolve));
    process.kill(pid, "SIGTERM");
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

  /** Makes an image that has busybox and nothing else; returns its id. */
  image(): string {
    const root = join(this.folder, "image");
    mkdirSync(join(root, "bin"), { recursive: true });
    mkdirSync(join(root, "tmp"), { recursive: true });
    run("cp", [this.busybox, join(root, "bin", "busybox")]);
    if (!existsSync(join(root, "bin", "sh"))) symlinkSync("busybox", join(root, "bin", "sh"));
    const packed = `tar -C '${root}' -c . | docker --host unix://${this.socket} import - local/busybox:1`;
    return run("sh", ["-c", packed], this.tools).trim();
  }

  /** Runs a program where the published ports are. */
  spawnInside(command: string, args: readonly string[], env: Record<string, string> = {}): ChildProcess {
    return spawn("nsenter", [`--net=/run/netns/${this.namespace}`, command, ...args], {
      env: { ...process.env, ...this.tools, ...env },
      stdio: ["pipe", "pipe", "pipe"],
    });
  }

  runInside(command: string, args: readonly string[], env: Record<string, string> = {}) {
    return spawnSync("nsenter", [`--net=/run/netns/${this.namespace}`, command, ...args], {
      env: { ...process.env, ...this.tools, ...env },
      encoding: "utf8",
    });
  }

  /** Runs a shell line in a container. */
  exec(container: string, line: string) {
    return this.runInside("docker", [
      "--host",
      `unix://${this.socket}`,
      "exec",
      container,
      "/bin/sh",
      "-c",
      line,
    ]);
  }

  async stop(): Promise<void> {
    const containers: Json[] = await this.call("GET", "/containers/json?all=1").catch(() => []);
    for (const { Id } of containers) {
      await this.call("DELETE", `/containers/${Id}?force=1`).catch(() => undefined);
    }
    await this.halt();
    run("ip", ["netns", "del", this.namespace]);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function debianTriplet(): string {
  return { x64: "x86_64-linux-gnu", arm64: "aarch64-linux-gnu" }[process.arch as string] ?? process.arch;
}

function run(command: string, args: readonly string[], env: Record<string, string> = {}): string {
  const done = spawnSync(command, args, { env: { ...process.env, ...env }, encoding: "utf8" });
  if (done.status !== 0) throw new Error(`${command} ${args.join(" ")}: ${done.stderr}`);
  return done.stdout;
}
