/**
 * Two sites and the internet between them, made of network namespaces: a legacy server behind the office's gateway, a machine
 * behind AWS's two tunnel ends. strongSwan runs on both gateways, in mount namespaces of its own; nothing on the machine changes.
 *
 *     legacy ── office ── internet ── aws ── machine
 */
import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { ensureDebianPackages } from "../../../sandbox/toolchain/debian";

const execute = promisify(execFile);

const PACKAGES = [
  "iproute2",
  "strongswan-charon",
  "strongswan-swanctl",
  "libcharon-extra-plugins",
  "libstrongswan-standard-plugins",
];
/** ESP in user space, since not every kernel has it; the marks keep strongSwan's own packets out of its tunnels. */
const DAEMON = `
charon {
  load_modular = no
  load = random nonce openssl pem pkcs1 x509 constraints revocation pubkey kernel-libipsec kernel-netlink socket-default vici updown kdf
  filelog { log { path = LOG
    default = 1
    time_format = %T
    flush_line = yes } }
  plugins {
    vici { socket = unix:///run/charon.vici }
    kernel-netlink { fwmark = !0x42 }
    socket-default { fwmark = 0x42 }
    kernel-libipsec { allow_peer_ts = yes }
  }
}
swanctl { load = pem pkcs1 x509 openssl random }
include FOLDER/strongswan.d/*.conf
`;

/** AWS's ends are two single addresses; this is the internet's side of the line to them. */
const AWS_ROUTER = "192.0.2.1";

export type Host = "legacy" | "office" | "internet" | "aws" | "machine";

export interface LabAddresses {
  /** Public address of the office's gateway, and of AWS's two ends. */
  office: string;
  tunnels: [string, string];
  /** Networks behind the gateways, /24 for the office's; first hosts are the gateways. */
  legacyGateway: string;
  legacy: string;
  machineGateway: string;
  machine: string;
  /** Prefix length behind each gateway. */
  legacyPrefix: number;
  machinePrefix: number;
}

/** Why the lab cannot be made on this machine; undefined when it can. */
export function labForbidden(): string | undefined {
  if (process.platform !== "linux") return "network namespaces need Linux";
  if (process.getuid?.() !== 0) return "network namespaces need root";
  if (!existsSync("/dev/net/tun")) return "there is no /dev/net/tun";
  try {
    execFileSync("unshare", ["--net", "--mount", "true"], { stdio: "pipe" });
    return undefined;
  } catch (error) {
    return `this machine forbids namespaces: ${String((error as { stderr?: Buffer }).stderr).trim()}`;
  }
}

export class Lab {
  readonly folder = mkdtempSync(join(tmpdir(), "retrofit-vpn-lab-"));
  private readonly children = new Set<ChildProcess>();
  private readonly prefix = `rv${process.pid}-`;
  private root = "/";
  private ipProgram = "ip";
  private env: NodeJS.ProcessEnv = process.env;

  private constructor(readonly addresses: LabAddresses) {}

  static async make(addresses: LabAddresses): Promise<Lab> {
    const lab = new Lab(addresses);
    const packages = await ensureDebianPackages(PACKAGES);
    lab.root = packages.root;
    lab.ipProgram = packages.bin("ip");
    lab.env = { ...process.env, ...packages.env };
    try {
      await lab.wire();
    } catch (error) {
      await lab.close();
      throw error;
    }
    return lab;
  }

  namespace(host: Host): string {
    return this.prefix + host;
  }

  private async wire(): Promise<void> {
    const { addresses: a } = this;
    const hosts: Host[] = ["legacy", "office", "internet", "aws", "machine"];
    for (const host of hosts) {
      await this.ip("netns", "add", this.namespace(host));
      await this.in(host, "link", "set", "lo", "up");
    }
    const officeRouter = neighbour(a.office);
    const awsRouter = AWS_ROUTER;
    await this.join(
      "legacy",
      `${a.legacy}/${a.legacyPrefix}`,
      "office",
      `${a.legacyGateway}/${a.legacyPrefix}`,
    );
    await this.join("office", `${a.office}/30`, "internet", `${officeRouter}/30`);
    await this.join("aws", `${a.tunnels[0]}/32`, "internet", `${awsRouter}/32`);
    await this.join(
      "machine",
      `${a.machine}/${a.machinePrefix}`,
      "aws",
      `${a.machineGateway}/${a.machinePrefix}`,
    );
    await this.in("aws", "address", "add", `${a.tunnels[1]}/32`, "dev", "to-internet");
    for (const tunnel of a.tunnels) await this.in("internet", "route", "add", tunnel, "dev", "to-aws");
    await this.in("legacy", "route", "add", "default", "via", a.legacyGateway);
    await this.in("machine", "route", "add", "default", "via", a.machineGateway);
    await this.in("office", "route", "add", "default", "via", officeRouter);
    await this.in("aws", "route", "add", awsRouter, "dev", "to-internet");
    await this.in("aws", "route", "add", "default", "via", awsRouter);
    for (const host of ["office", "internet", "aws"] as const) {
      await this.run(host, "sh", [
        "-c",
        "echo 1 > /proc/sys/net/ipv4/ip_forward; echo 0 > /proc/sys/net/ipv4/conf/all/rp_filter",
      ]);
    }
  }

  private async join(left: Host, leftAddress: string, right: Host, rightAddress: string): Promise<void> {
    const ends = [`to-${right}`, `to-${left}`] as const;
    await this.in(
      left,
      "link",
      "add",
      ends[0],
      "type",
      "veth",
      "peer",
      "name",
      ends[1],
      "netns",
      this.namespace(right),
    );
    for (const [host, end, address] of [
      [left, ends[0], leftAddress],
      [right, ends[1], rightAddress],
    ] as const) {
      await this.in(host, "address", "add", address, "dev", end);
      await this.in(host, "link", "set", end, "up");
    }
  }

  private ip(...args: string[]) {
    return execute(this.ipProgram, args, { env: this.env });
  }

  /** `ip` in a host's namespace. */
  in(host: Host, ...args: string[]) {
    return this.ip("-n", this.namespace(host), ...args);
  }

  /** A program in a host's namespace. */
  run(host: Host, program: string, args: string[], timeout = 20_000) {
    return execute(this.ipProgram, ["netns", "exec", this.namespace(host), program, ...args], {
      timeout,
      env: this.env,
    });
  }

  /** Starts a program in a host's namespace; `say` gets what it prints. */
  start(host: Host, program: string, args: string[], say: (text: string) => void = () => {}): void {
    const all = ["netns", "exec", this.namespace(host), program, ...args];
    const child = spawn(this.ipProgram, all, { stdio: ["ignore", "pipe", "ignore"], env: this.env });
    child.stdout.setEncoding("utf8").on("data", say);
    this.children.add(child);
    child.once("exit", () => this.children.delete(child));
  }

  /** Drops every packet to and from one of AWS's ends, or those of one UDP port, as a cut line does: nobody is told. */
  async cut(address: string, port?: number): Promise<void> {
    const udp = (side: "sport" | "dport") =>
      port === undefined ? [] : ["ipproto", "udp", side, String(port)];
    await this.in("internet", "rule", "add", "pref", "10", "from", address, ...udp("sport"), "blackhole");
    await this.in("internet", "rule", "add", "pref", "11", "to", address, ...udp("dport"), "blackhole");
  }

  async mend(): Promise<void> {
    await this.in("internet", "rule", "del", "pref", "10");
    await this.in("internet", "rule", "del", "pref", "11");
  }

  /** strongSwan on a gateway. `fill` writes into the folder what belongs to /etc: `swanctl/…`, `strongswan.d/…`. */
  async strongswan(host: "office" | "aws", fill: (folder: string) => void): Promise<Gateway> {
    const folder = mkdtempSync(join(this.folder, `${host}-`));
    for (const part of ["conf.d", "x509", "x509ca", "private", "rsa", "ecdsa", "pkcs8", "pubkey"]) {
      mkdirSync(join(folder, "swanctl", part), { recursive: true });
    }
    mkdirSync(join(folder, "strongswan.d"));
    writeFileSync(join(folder, "swanctl", "swanctl.conf"), "include conf.d/*.conf\n");
    fill(folder);
    const log = join(folder, "charon.log");
    writeFileSync(log, "");
    writeFileSync(join(folder, "strongswan.conf"), DAEMON.replace("LOG", log).replace("FOLDER", folder));
    const mounts = ["mount -t tmpfs tmpfs /run"];
    // The paths of its plugins are compiled in: what was unpacked is laid over the machine's own /usr, for this process alone.
    if (this.root !== "/") mounts.push(`mount -t overlay overlay -o lowerdir=${this.root}/usr:/usr /usr`);
    const script = `set -e\n${mounts.join("\n")}\nexport STRONGSWAN_CONF=${folder}/strongswan.conf SWANCTL_DIR=${folder}/swanctl LD_LIBRARY_PATH=\nexec /usr/lib/ipsec/charon`;
    const args = [
      "netns",
      "exec",
      this.namespace(host),
      "unshare",
      "--mount",
      "--propagation",
      "private",
      "sh",
      "-c",
      script,
    ];
    const child = spawn(this.ipProgram, args, { stdio: ["ignore", "ignore", "pipe"], env: this.env });
    child.stderr.on("data", (chunk: Buffer) => appendFileSync(log, chunk));
    this.children.add(child);
    const gateway = new Gateway(child, folder, log);
    await gateway.ready();
    return gateway;
  }

  /** Ends a gateway's strongSwan. */
  async stop(gateway: Gateway): Promise<void> {
    this.children.delete(gateway.process);
    await ended(gateway.process);
  }

  async close(): Promise<void> {
    await Promise.all([...this.children].map(ended));
    for (const host of ["legacy", "office", "internet", "aws", "machine"] as const) {
      await this.ip("netns", "del", this.namespace(host)).catch(() => undefined);
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** strongSwan on one gateway, spoken to as an administrator does. */
export class Gateway {
  constructor(
    readonly process: ChildProcess,
    readonly folder: string,
    private readonly logFile: string,
  ) {}

  /** What comes before `swanctl` to reach this gateway's. */
  get via(): string[] {
    return [
      "nsenter",
      "--target",
      String(this.process.pid),
      "--mount",
      "--net",
      "env",
      `STRONGSWAN_CONF=${this.folder}/strongswan.conf`,
      `SWANCTL_DIR=${this.folder}/swanctl`,
    ];
  }

  async swanctl(...args: string[]): Promise<string> {
    const [program, ...rest] = [...this.via, "swanctl", ...args] as [string, ...string[]];
    const { stdout } = await execute(program, rest, { timeout: 60_000 });
    return stdout;
  }

  log(): string {
    return readFileSync(this.logFile, "utf8");
  }

  async ready(): Promise<void> {
    const end = Date.now() + 20_000;
    for (;;) {
      try {
        await this.swanctl("--stats");
        return;
      } catch (error) {
        if (this.process.exitCode !== null || Date.now() > end) {
          throw new Error(`strongSwan did not start: ${(error as Error).message}\n${this.log()}`);
        }
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  }

  load(): Promise<string> {
    return this.swanctl("--load-all", "--noprompt");
  }

  /** What a tunnel has carried. */
  async bytes(name: string): Promise<{ in: number; out: number }> {
    const children = (await this.swanctl("--list-sas")).split(/^(?= {2}\S+: #\d+, reqid)/m);
    const own = children.filter((child) => child.startsWith(`  ${name}: `));
    const sum = (direction: string) =>
      own.reduce(
        (all, child) =>
          all + Number(new RegExp(`^ +${direction} +\\S+, +(\\d+) bytes`, "m").exec(child)?.[1] ?? 0),
        0,
      );
    return { in: sum("in"), out: sum("out") };
  }

  /** Names of the connections that carry traffic now. */
  async established(): Promise<string[]> {
    const list = await this.swanctl("--list-sas");
    return [
      ...new Set([...list.matchAll(/^ {2}(\S+): #\d+, reqid \d+, INSTALLED/gm)].map(([, name]) => name!)),
    ].sort();
  }
}

export function put(folder: string, name: string, content: string): void {
  const file = join(folder, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content, { mode: 0o600 });
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const force = setTimeout(() => child.kill("SIGKILL"), 5000);
    child.once("exit", () => {
      clearTimeout(force);
      resolve();
    });
    child.kill("SIGTERM");
  });
}

/** The other host of a /30. */
function neighbour(address: string): string {
  const parts = address.split(".").map(Number);
  const last = parts[3]!;
  parts[3] = last % 4 === 1 ? last + 1 : last % 4 === 2 ? last - 1 : last ^ 1;
  return parts.join(".");
}
