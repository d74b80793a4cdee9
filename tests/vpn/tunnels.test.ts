/** The office joined to an environment with real IPSec: what `retrofit vpn config` wrote, against AWS's ends with the connection's options. */
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import {
  DescribeVpnConnectionsCommand,
  DisableVgwRoutePropagationCommand,
  EC2Client,
  RevokeSecurityGroupIngressCommand,
  type VpnConnection,
} from "@aws-sdk/client-ec2";
import type { VpnSummary } from "../../components/network";
import { startSandbox, stopSandbox } from "../../sandbox";
import { type Answer, retrofit } from "../support/command-line";
import { until } from "../support/sandbox";
import { awsEnd } from "./support/aws-end";
import { type Gateway, Lab, labForbidden, put } from "./support/lab";
import { VpnProject } from "./support/project";

jest.setTimeout(10 * 60_000);

const DEVICE = "198.51.100.2";
const VPC = "10.20.0.0/16";
const LEGACY = { gateway: "192.168.50.1", server: "192.168.50.10" };
const MACHINE = { gateway: "10.20.0.1", server: "10.20.0.10" };

const forbidden = labForbidden();
if (forbidden) process.stderr.write(`SKIPPED: the IPSec tests cannot run here: ${forbidden}\n`);
const whereAllowed = forbidden ? describe.skip : describe;

whereAllowed("an office joined by IPSec", () => {
  const folder = mkdtempSync(join(tmpdir(), "retrofit-vpn-"));
  const environment = { ...process.env };
  let endpoint: string;
  let ec2: EC2Client;
  let project: VpnProject;
  let lab: Lab;
  let office: Gateway;
  let aws: Gateway;
  let connection: VpnConnection;
  let summary: VpnSummary;
  let keys: string[];
  let files: string[];

  beforeAll(async () => {
    process.env.RETROFIT_SANDBOX = join(folder, "sandbox");
    const sandbox = await startSandbox({ lease: true });
    Object.assign(process.env, sandbox.env);
    endpoint = sandbox.endpoint;
    ec2 = new EC2Client({});
    project = await VpnProject.make(join(folder, "project"), "dev");
    project.write(
      VPC,
      {
        peers: { office: { address: DEVICE, networks: { legacy: "192.168.50.0/24" } } },
        logRetentionDays: 30,
      },
      [{ from: "legacy", to: "web", ports: [8080] }],
    );
  }, 900_000);

  afterAll(async () => {
    await lab?.close();
    ec2?.destroy();
    await stopSandbox();
    rmSync(folder, { recursive: true, force: true });
    process.env = environment;
  }, 60_000);

  const tunnelAddresses = () =>
    connection.Options!.TunnelOptions!.map(({ OutsideIpAddress }) => OutsideIpAddress!);
  const names = ["retrofit-dev-office-1", "retrofit-dev-office-2"];

  async function describeConnection(): Promise<VpnConnection> {
    const { VpnConnections } = await ec2.send(new DescribeVpnConnectionsCommand({}));
    return VpnConnections!.find(({ State }) => State === "available")!;
  }

  /** Tells the emulated AWS what its played ends know. */
  async function reportTelemetry(): Promise<void> {
    const up = await aws.established();
    const tunnels = Object.fromEntries(
      tunnelAddresses().map((address, i) => [
        address,
        { status: up.includes(`end-${i + 1}`) ? "UP" : "DOWN", message: "" },
      ]),
    );
    const body = JSON.stringify({ [connection.VpnConnectionId!]: tunnels });
    const answer = await fetch(`${endpoint}/_retrofit/vpn-telemetry`, { method: "PUT", body });
    expect(answer.status).toBe(200);
  }

  async function check(): Promise<{ exitCode: number | null; json: Answer; text: string }> {
    await reportTelemetry();
    const via = office.via.join(" ");
    const run = await retrofit([
      "vpn",
      "check",
      "dev",
      "--cwd",
      project.folder,
      "--sandbox",
      "--json",
      "--via",
      via,
    ]).finished;
    return { exitCode: run.exitCode, json: run.json, text: run.stderr };
  }

  /** Replaces part of what was written for the office and loads it; tunnel 1 is started anew. */
  async function officeWith(change: (text: string) => string): Promise<void> {
    const file = join(office.folder, "swanctl", "conf.d", "retrofit-dev-office.conf");
    put(office.folder, "swanctl/conf.d/retrofit-dev-office.conf", change(readFileSync(files[0]!, "utf8")));
    expect(statSync(file).mode & 0o077).toBe(0);
    for (const [gateway, name] of [
      [office, names[0]!],
      [aws, "end-1"],
    ] as const) {
      await gateway.swanctl("--terminate", "--ike", name, "--force", "--timeout", "2").catch(() => undefined);
    }
    await office.load();
  }

  const bothUp = () =>
    until("both tunnels are up", async () => (await office.established()).length === 2, 60);

  /** ESP in user space sends through the tunnel that came up last. */
  async function preferFirstTunnel(): Promise<void> {
    for (const [gateway, name] of [
      [office, names[0]!],
      [aws, "end-1"],
    ] as const) {
      await gateway.swanctl("--terminate", "--ike", name, "--force", "--timeout", "2").catch(() => undefined);
    }
    // Fails where both ends begin at once.
    await until(
      "tunnel 1 is up again",
      () =>
        office.swanctl("--initiate", "--child", names[0]!, "--timeout", "20").then(
          () => true,
          () => false,
        ),
      120,
    );
    const carried = async () => (await office.bytes(names[0]!)).out;
    await until("tunnel 1 carries the traffic", async () => {
      const before = await carried();
      await ask("legacy", MACHINE.server);
      return (await carried()) > before;
    });
  }

  /** One question from a host to another, by TCP. */
  async function ask(from: "legacy" | "machine", address: string): Promise<string> {
    const script = `const s=require("net").connect(8080,"${address}");s.setTimeout(5000,()=>process.exit(1));s.on("error",()=>process.exit(1));s.on("data",d=>{process.stdout.write(d);process.exit(0)})`;
    return (await lab.run(from, process.execPath, ["-e", script])).stdout;
  }

  test("the environment comes up with tunnels that AWS agrees on in no weaker way", async () => {
    const changes = await project.up();
    expect(Object.keys(changes)).toEqual(["create"]);
    connection = await describeConnection();
    for (const tunnel of connection.Options!.TunnelOptions!) {
      const of = (list: { Value?: unknown }[] | undefined) => list?.map(({ Value }) => Value);
      expect(of(tunnel.IkeVersions)).toEqual(["ikev2"]);
      expect(of(tunnel.Phase1EncryptionAlgorithms)).toEqual(["AES256-GCM-16"]);
      expect(of(tunnel.Phase2EncryptionAlgorithms)).toEqual(["AES256-GCM-16"]);
      expect(of(tunnel.Phase1DHGroupNumbers)?.sort()).toEqual([19, 20, 21]);
      expect(of(tunnel.Phase2IntegrityAlgorithms)).not.toContain("SHA1");
      expect([tunnel.DpdTimeoutAction, tunnel.StartupAction, tunnel.DpdTimeoutSeconds]).toEqual([
        "restart",
        "start",
        30,
      ]);
      expect(tunnel.LogOptions?.CloudWatchLogOptions?.LogEnabled).toBe(true);
    }
    keys = connection.Options!.TunnelOptions!.map(({ PreSharedKey }) => PreSharedKey!);
    expect(keys.every((key) => key.length >= 20)).toBe(true);
  });

  test("a second update finds nothing to change, even against what AWS says", async () => {
    expect(await project.up(true)).toEqual({});
  });

  test("no key is in the state, the outputs or the engine's files in plain text", async () => {
    const outputs = await project.stack.outputs();
    expect(outputs.vpn!.secret).toBe(false);
    summary = outputs.vpn!.value as VpnSummary;
    const { stdout } = await promisify(execFile)("pulumi", ["stack", "export", "--stack", "dev"], {
      cwd: project.folder,
      // Jest's own environment is not the process's.
      env: { ...process.env },
      maxBuffer: 64 * 1024 * 1024,
    });
    expect(stdout).toContain(summary.peers.office!.connectionId);
    const state = join(folder, "sandbox", "state");
    const kept = readdirSync(state, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"));
    expect(kept.length).toBeGreaterThan(1);
    for (const key of keys) {
      for (const text of [stdout, JSON.stringify(outputs), ...kept]) expect(text.includes(key)).toBe(false);
    }
  });

  test("retrofit vpn config writes files for their owner alone and shows no key", async () => {
    const run = await retrofit([
      "vpn",
      "config",
      "dev",
      "--mode",
      "policy",
      "--cwd",
      project.folder,
      "--sandbox",
      "--json",
    ]).finished;
    expect([run.exitCode, run.stderr.includes("✓")]).toEqual([0, true]);
    files = run.json.peers.office.files as string[];
    expect(files.map((file) => file.split("/").slice(-2).join("/"))).toEqual([
      "conf.d/retrofit-dev-office.conf",
      "strongswan.d/retrofit-dev-office.conf",
    ]);
    expect(statSync(files[0]!).mode & 0o777).toBe(0o600);
    for (const key of keys) {
      expect(readFileSync(files[0]!, "utf8")).toContain(key);
      expect(run.stdout + run.stderr).not.toContain(key);
    }
  });

  test("both tunnels come up with the hardened proposals, and legacy server and VPC machine reach each other", async () => {
    const [first, second] = tunnelAddresses();
    lab = await Lab.make({
      office: DEVICE,
      tunnels: [first!, second!],
      legacyGateway: LEGACY.gateway,
      legacy: LEGACY.server,
      legacyPrefix: 24,
      machineGateway: MACHINE.gateway,
      machine: MACHINE.server,
      machinePrefix: 16,
    });
    const { swanctl, daemon } = awsEnd(connection, DEVICE, keys);
    aws = await lab.strongswan("aws", (etc) => {
      put(etc, "swanctl/conf.d/ends.conf", swanctl);
      put(etc, "strongswan.d/ends.conf", daemon);
    });
    await aws.load();
    office = await lab.strongswan("office", (etc) => {
      for (const file of files) {
        const place = file.split("/dev/office/")[1]!;
        put(etc, place, readFileSync(file, "utf8"));
      }
    });
    await office.load();
    await bothUp();
    const list = await office.swanctl("--list-sas");
    expect(
      list.match(/AES_GCM_16-256\/PRF_HMAC_SHA2_(256|384|512)\/ECP_(256|384|521)/g)?.length,
    ).toBeGreaterThanOrEqual(2);
    expect(list.match(/INSTALLED, TUNNEL-in-UDP, ESP:AES_GCM_16-256/g)?.length).toBeGreaterThanOrEqual(2);

    const server = (says: string) =>
      `require("net").createServer(s=>{s.on("error",()=>{});s.end("${says}")}).listen(8080,()=>console.log("up"))`;
    const started = { legacy: false, machine: false };
    for (const host of ["legacy", "machine"] as const) {
      lab.start(host, process.execPath, ["-e", server(host)], () => {
        started[host] = true;
      });
    }
    await until("the servers listen", () => started.legacy && started.machine);
    expect(await ask("machine", LEGACY.server)).toBe("legacy");
    expect(await ask("legacy", MACHINE.server)).toBe("machine");
  });

  test("retrofit vpn check says that all is well", async () => {
    const { exitCode, json } = await check();
    expect(json.peers).toEqual([
      {
        peer: "office",
        tunnels: tunnelAddresses().map((address, i) => ({ tunnel: i + 1, address, aws: "up", office: "up" })),
        findings: [],
      },
    ]);
    expect(exitCode).toBe(0);
  });

  test("tunnel 1 is cut: traffic goes on through tunnel 2 within the dead-peer time, and tunnel 1 comes back", async () => {
    const timeout = connection.Options!.TunnelOptions![0]!.DpdTimeoutSeconds!;
    const script = `const net=require("net");const ask=()=>{const s=net.connect(8080,"${LEGACY.server}");let done=false;const end=()=>{if(!done){done=true;s.destroy();setTimeout(ask,200)}};s.setTimeout(800,end);s.on("error",end);s.on("data",()=>{console.log(Date.now());end()})};ask()`;
    const answered: number[] = [];
    lab.start("machine", process.execPath, ["-e", script], (text) => {
      answered.push(...text.trim().split("\n").map(Number));
    });
    await until("the machine is answered", () => answered.length > 5);
    await preferFirstTunnel();
    await lab.cut(tunnelAddresses()[0]!);
    const cutAt = Date.now();
    // What was under way at the cut may still arrive.
    const resumed = () =>
      answered.find((at, i) => at > cutAt + 1000 && (i === 0 || at - answered[i - 1]! > 1500));
    await until("the machine is answered through tunnel 2", () => resumed() !== undefined, timeout * 3);
    const before = answered.filter((at) => at < resumed()!).at(-1)!;
    const seconds = (resumed()! - before) / 1000;
    process.stderr.write(
      `MEASURED: tunnel 1 cut, traffic through tunnel 2 after ${seconds.toFixed(1)} s (dead-peer time ${timeout} s)\n`,
    );
    expect(await office.established()).toEqual([names[1]]);
    // Some seconds for a busy machine; AWS's own limit is the timeout.
    expect(seconds).toBeLessThan(timeout + 15);

    const { exitCode, json } = await check();
    expect([exitCode, json.peers[0].findings.map(({ tunnel, cause }: Answer) => [tunnel, cause])]).toEqual([
      1,
      [[1, "udp-500"]],
    ]);

    await lab.mend();
    const mendedAt = Date.now();
    await bothUp();
    process.stderr.write(
      `MEASURED: line mended, both tunnels up after ${((Date.now() - mendedAt) / 1000).toFixed(1)} s\n`,
    );
    expect(await ask("machine", LEGACY.server)).toBe("legacy");
  });

  test("a firewall that lets only UDP 500 through is named", async () => {
    await lab.cut(tunnelAddresses()[0]!, 4500);
    await officeWith((text) => text);
    const { json } = await check();
    await lab.mend();
    expect(json.peers[0].findings.map(({ tunnel, cause }: Answer) => [tunnel, cause])).toEqual([
      [1, "udp-4500"],
    ]);
  });

  test("a wrong key is refused, and the check says so", async () => {
    await officeWith((text) => text.replace(keys[0]!, "someThingElse.Entirely_9"));
    const { json, text } = await check();
    expect(json.peers[0].findings.map(({ tunnel, cause }: Answer) => [tunnel, cause])).toEqual([[1, "key"]]);
    expect(text).not.toContain("someThingElse");
    expect(await office.established()).toEqual([names[1]]);
    expect(aws.log()).toContain("MAC mismatched");
  });

  test("a weak proposal is refused, and the check says so", async () => {
    await officeWith((text) =>
      text
        .replace(/( {4}proposals =).*/, "$1 aes128-sha1-modp1024")
        .replace(/(esp_proposals =).*/, "$1 aes128-sha1"),
    );
    const { json } = await check();
    expect(json.peers[0].findings.map(({ tunnel, cause }: Answer) => [tunnel, cause])).toEqual([
      [1, "proposals"],
    ]);
    expect(await office.established()).toEqual([names[1]]);
    expect(aws.log()).toContain("received proposals unacceptable");
  });

  test("an opening and a route that somebody took away are named, and the next update puts them back", async () => {
    await officeWith((text) => text);
    await preferFirstTunnel();
    await bothUp();
    const { securityGroupId } = summary.allow[0]!;
    await ec2.send(
      new RevokeSecurityGroupIngressCommand({
        GroupId: securityGroupId,
        IpPermissions: [
          { IpProtocol: "tcp", FromPort: 8080, ToPort: 8080, IpRanges: [{ CidrIp: "192.168.50.0/24" }] },
        ],
      }),
    );
    await ec2.send(
      new DisableVgwRoutePropagationCommand({
        GatewayId: summary.gatewayId,
        RouteTableId: summary.routeTableIds[0],
      }),
    );
    const { json } = await check();
    expect(json.peers[0].findings.map(({ cause }: Answer) => cause)).toEqual(["routes", "security-group"]);
    expect(Object.keys(await project.up(true))).toContain("create");
    expect((await check()).json.peers[0].findings).toEqual([]);
  });
});
