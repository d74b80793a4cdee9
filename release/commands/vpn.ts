import { join, relative } from "node:path";
import type { Context } from "../context";
import { CommandError, ExitCode, wrongUse } from "../errors";
import { readAwsFacts } from "../vpn/aws-facts";
import type { ConnectionData } from "../vpn/connection-data";
import { diagnose, isDown } from "../vpn/diagnose";
import type { Facts, Finding } from "../vpn/facts";
import { genericFiles } from "../vpn/generic";
import { readOfficeFacts } from "../vpn/office-facts";
import { openVpn, readConnections } from "../vpn/open";
import { type DeviceFile, type Mode, stem, strongswanFiles } from "../vpn/strongswan";
import { writeDeviceFiles } from "../vpn/write-files";

export interface VpnConfigOptions {
  peer?: string;
  device: "strongswan" | "generic";
  mode: Mode;
  out?: string;
}

/** Writes what the device at the other end needs. Keys go into files of the owner alone, never to the screen. */
export async function vpnConfig(
  context: Context,
  environment: string,
  options: VpnConfigOptions,
): Promise<void> {
  const vpn = await openVpn(context, environment, options.peer);
  const connections = await readConnections(vpn);
  const written = connections.map((data) => {
    const folder = options.out ?? join(context.cwd, ".retrofit", "vpn", environment, data.peer);
    const own = connections.length > 1 && options.out ? join(options.out, data.peer) : folder;
    return { data, folder: own, files: writeDeviceFiles(own, filesFor(data, options)) };
  });
  for (const { data, folder, files } of written) {
    context.output.heading(`${data.peer} (${data.connectionId})`);
    for (const file of files)
      context.output.done(relative(context.cwd, file).startsWith("..") ? file : relative(context.cwd, file));
    for (const line of nextSteps(data, options)) context.output.line(`  ${line}`);
    if (data.keySecretArn && data.tunnels.some(({ key }) => key === undefined)) {
      context.output.warn(
        `The keys are in Secrets Manager (${data.keySecretArn}): put them where the files in ${folder} say FILL IN.`,
      );
    }
  }
  context.output.result({
    environment,
    device: options.device,
    peers: Object.fromEntries(
      written.map(({ data, files }) => [data.peer, { connectionId: data.connectionId, files }]),
    ),
  });
}

function filesFor(data: ConnectionData, { device, mode }: VpnConfigOptions): DeviceFile[] {
  if (device === "generic") return genericFiles(data);
  if (mode === "policy" && data.routing === "bgp") {
    throw wrongUse(
      `${data.peer} speaks BGP, which needs an interface for each tunnel.`,
      "Leave --mode policy out.",
    );
  }
  if (mode === "policy" && Object.keys(data.networks).length > 1) {
    throw wrongUse(
      `${data.peer} has ${Object.keys(data.networks).length} networks, and AWS takes one pair of selectors for each tunnel.`,
      "Leave --mode policy out, or join the networks into one block.",
    );
  }
  return strongswanFiles(data, mode);
}

function nextSteps(data: ConnectionData, { device }: VpnConfigOptions): string[] {
  if (device === "generic")
    return ["It holds keys: hand it to the device's administrator encrypted, then delete it."];
  return [
    "Copy the folders into /etc on the gateway (keys: mode 600), then: systemctl restart strongswan",
    ...(data.authentication === "certificate"
      ? [
          `Put the device's certificate and key, and AWS's CA, into /etc/swanctl: x509/${stem(data)}.pem, private/, x509ca/${stem(data)}-aws-ca.pem`,
        ]
      : []),
    `Let UDP 500 and 4500 through to ${data.tunnels.map(({ outside }) => outside).join(" and ")}`,
  ];
}

export interface VpnCheckOptions {
  peer?: string;
  via?: string;
}

/** Tells what is up on both sides, and for what is not, the likeliest cause. */
export async function vpnCheck(
  context: Context,
  environment: string,
  options: VpnCheckOptions,
): Promise<void> {
  const vpn = await openVpn(context, environment, options.peer);
  const facts = await readAwsFacts(vpn);
  const via = options.via?.split(/\s+/).filter(Boolean);
  const reports = [];
  for (const of of facts) {
    const names = of.tunnels.map(({ number }) => `retrofit-${environment}-${of.peer}-${number}`);
    const office = await readOfficeFacts(via, names);
    for (const tunnel of of.tunnels) {
      const found = office?.[names[tunnel.number - 1]!];
      if (found) tunnel.office = found;
    }
    const findings = diagnose(of);
    for (const line of describe(context, of, findings)) context.output.line(line);
    reports.push(report(of, findings));
  }
  const result = { environment, peers: reports };
  const wrong = reports.reduce((sum, { findings }) => sum + findings.length, 0);
  if (wrong > 0) {
    throw new CommandError(
      ExitCode.failed,
      `${wrong === 1 ? "One thing is" : `${wrong} things are`} wrong with the VPN of ${environment}.`,
      undefined,
      result,
    );
  }
  context.output.done("both tunnels of every peer are up, and routes and openings are in place");
  context.output.result(result);
}

function report({ peer, tunnels }: Facts, findings: Finding[]) {
  return {
    peer,
    tunnels: tunnels.map(({ number, outside, awsUp, office }) => ({
      tunnel: number,
      address: outside,
      aws: awsUp ? "up" : "down",
      office: office ? (office.up ? "up" : "down") : "not looked at",
    })),
    findings,
  };
}

function describe({ output }: Context, facts: Facts, findings: Finding[]): string[] {
  const { colors } = output;
  const word = (up: boolean | undefined) =>
    up === undefined ? colors.dim("not looked at") : up ? colors.green("up") : colors.red("down");
  const lines = [
    `${colors.bold(facts.peer)}  ${facts.aws.routing} routing over ${facts.aws.gatewayId}, connection ${facts.aws.state}`,
  ];
  for (const tunnel of facts.tunnels) {
    const mark = isDown(tunnel) ? colors.red("✗") : colors.green("✓");
    lines.push(
      `  ${mark} tunnel ${tunnel.number}  ${tunnel.outside.padEnd(15)}  AWS: ${word(tunnel.awsUp)}   office: ${word(tunnel.office?.up)}`,
    );
  }
  for (const { tunnel, says, fix } of findings) {
    lines.push(
      `  ${colors.red("!")} ${tunnel === undefined ? "" : `tunnel ${tunnel}: `}${says}`,
      `      → ${fix}`,
    );
  }
  return lines;
}
