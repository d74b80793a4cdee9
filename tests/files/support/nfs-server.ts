/**
 * A real NFS server in user space, since not every kernel has one: nfs-ganesha from Debian, unpacked and not installed, on a
 * folder in memory. What it looks for in /etc and among the libraries it finds in a mount namespace of its own. Needs root.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DebianPackages, ensureDebianPackages } from "../../../sandbox/toolchain/debian";
import { until } from "../../support/sandbox";

const LIBRARIES = "usr/lib/x86_64-linux-gnu";

const START = `
mount -t overlay overlay -o "lowerdir=$1/etc:/etc" /etc
[ "$2" = / ] || mount -t overlay overlay -o "lowerdir=$2/${LIBRARIES}:/${LIBRARIES}" /${LIBRARIES}
exec "$3" -F -L STDOUT -f "$1/ganesha.conf" -p "$1/pid"
`;

export class NfsServer {
  /** What it exports. */
  readonly exported: string;
  private process?: ChildProcess;
  private log = "";

  private constructor(
    private readonly folder: string,
    private readonly packages: DebianPackages,
    private readonly port: number,
  ) {
    this.exported = mkdtempSync("/dev/shm/retrofit-nfs-");
  }

  static async start(): Promise<NfsServer> {
    const packages = await ensureDebianPackages([
      "nfs-ganesha",
      "nfs-ganesha-vfs",
      "libnfs13",
      "libnfs-utils",
    ]);
    const server = new NfsServer(mkdtempSync(join(tmpdir(), "retrofit-nfs-")), packages, await freePort());
    server.configure();
    await server.launch();
    return server;
  }

  /** The client's library, and the address that it mounts. */
  get client(): { library: string; url: string } {
    return {
      library: join(this.packages.root, LIBRARIES, "libnfs.so.13"),
      url: `nfs://127.0.0.1/files/?version=4&nfsport=${this.port}`,
    };
  }

  async launch(): Promise<void> {
    const { root, env } = this.packages;
    const paths = [join(root, "usr/lib/ganesha"), env.LD_LIBRARY_PATH].filter(Boolean).join(":");
    const args = ["--mount", "sh", "-ec", START, "sh", this.folder, root, this.packages.bin("ganesha.nfsd")];
    const child = spawn("unshare", args, {
      env: { ...process.env, LD_LIBRARY_PATH: paths },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.process = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => {
        this.log = (this.log + chunk.toString()).slice(-4000);
      });
    }
    await until(
      "the NFS server answers",
      () => {
        if (child.exitCode !== null) throw new Error(`the NFS server ended:\n${this.log}`);
        return answers(this.port);
      },
      60,
    );
  }

  /** As a server that loses its power. */
  async kill(): Promise<void> {
    const child = this.process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once("close", resolve));
    child.kill("SIGKILL");
    await ended;
  }

  async stop(): Promise<void> {
    await this.kill();
    for (const folder of [this.folder, this.exported]) rmSync(folder, { recursive: true, force: true });
  }

  read(name: string): string {
    return readFileSync(join(this.exported, name), "utf8");
  }

  write(name: string, content: string): void {
    writeFileSync(join(this.exported, name), content);
  }

  private configure(): void {
    for (const name of ["etc", "recovery"]) mkdirSync(join(this.folder, name));
    writeFileSync(
      join(this.folder, "etc/idmapd.conf"),
      "[General]\nDomain = localdomain\n[Translation]\nMethod = nsswitch\n",
    );
    const plugins = join(this.packages.root, LIBRARIES, "ganesha");
    writeFileSync(
      join(this.folder, "ganesha.conf"),
      `NFS_CORE_PARAM { Protocols = 4; NFS_Port = ${this.port}; Bind_addr = 127.0.0.1; Plugins_Dir = "${plugins}";
  Enable_NLM = false; Enable_RQUOTA = false; }
NFSV4 { Graceless = true; RecoveryBackend = fs; RecoveryRoot = "${this.folder}/recovery"; Minor_Versions = 0,1; }
EXPORT { Export_Id = 1; Path = ${this.exported}; Pseudo = /files; Access_Type = RW; Squash = No_Root_Squash;
  SecType = sys; FSAL { Name = VFS; } }
LOG { Default_Log_Level = WARN; }
`,
    );
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const say = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", () => say(true)).once("error", () => say(false));
  });
}
