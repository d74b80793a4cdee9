import * as ec2 from "@pulumi/aws/ec2";
import * as transit from "@pulumi/aws/ec2transitgateway";
import { getSecretVersionOutput } from "@pulumi/aws/secretsmanager/getSecretVersion";
import * as pulumi from "@pulumi/pulumi";
import { transformed } from "../../shared/transform";
import type { VpnKeys, VpnPeerArgs } from "./args";
import type { VpnContext } from "./context";
import type { Gateway } from "./gateway";
import { type TunnelSettings, tunnelSettings } from "./tunnel-options";

/** AWS wants a number for the device even where no BGP is spoken. */
const STATIC_ASN = 65_000;

export interface PeerConnection {
  peer: string;
  args: VpnPeerArgs;
  settings: TunnelSettings;
  connection: ec2.VpnConnection;
}

/** The device, as AWS knows it, and the two tunnels to it. */
export function createConnection(
  context: VpnContext,
  peer: string,
  args: VpnPeerArgs,
  gateway: Gateway,
  logGroupArn: pulumi.Output<string> | undefined,
): PeerConnection {
  const { name, opts, tags } = context;
  const child = `${name}-${peer}`;
  const settings = tunnelSettings(args.tunnels, args.loosen, args.address !== undefined);
  const device = new ec2.CustomerGateway(
    ...transformed<ec2.CustomerGatewayArgs>(
      context.args.transform?.customerGateway,
      child,
      {
        type: "ipsec.1",
        bgpAsn: String(args.asn ?? STATIC_ASN),
        ...(args.address !== undefined && { ipAddress: args.address }),
        ...(args.certificateArn !== undefined && { certificateArn: args.certificateArn }),
        ...(args.deviceName !== undefined && { deviceName: args.deviceName }),
        tags: tags(child),
      },
      opts,
    ),
  );
  const connection = new ec2.VpnConnection(
    ...transformed<ec2.VpnConnectionArgs>(
      context.args.transform?.connection,
      child,
      {
        type: "ipsec.1",
        customerGatewayId: device.id,
        ...(gateway.kind === "vgw" ? { vpnGatewayId: gateway.id } : { transitGatewayId: gateway.id }),
        staticRoutesOnly: args.asn === undefined,
        ...(context.args.accelerated && { enableAcceleration: true }),
        ...tunnelInputs(settings, args.insideCidrs),
        ...keyInputs(args.presharedKeys, opts),
        ...(logGroupArn && logInputs(logGroupArn, args.asn !== undefined)),
        tags: {
          ...tags(child),
          // Read by whoever reviews: the policy pack, a person in the console.
          ...(args.loosen?.length && { "retrofit:loosened": [...args.loosen].sort().join(" ") }),
        },
      },
      { ...opts, protect: context.args.protected ?? false },
    ),
  );
  createRoutes(context, child, args, gateway, connection);
  return { peer, args, settings, connection };
}

/** The same options for both tunnels, under the names that the provider has for each. */
function tunnelInputs(
  settings: TunnelSettings,
  insideCidrs: VpnPeerArgs["insideCidrs"],
): Partial<ec2.VpnConnectionArgs> {
  const { phase1, phase2 } = settings;
  const options = {
    IkeVersions: settings.ikeVersions,
    Phase1EncryptionAlgorithms: phase1.encryption,
    Phase1IntegrityAlgorithms: phase1.integrity,
    Phase1DhGroupNumbers: phase1.groups,
    Phase1LifetimeSeconds: phase1.lifetimeSeconds,
    Phase2EncryptionAlgorithms: phase2.encryption,
    Phase2IntegrityAlgorithms: phase2.integrity,
    Phase2DhGroupNumbers: phase2.groups,
    Phase2LifetimeSeconds: phase2.lifetimeSeconds,
    DpdTimeoutSeconds: settings.dpdTimeoutSeconds,
    DpdTimeoutAction: settings.dpdTimeoutAction,
    StartupAction: settings.startupAction,
    RekeyMarginTimeSeconds: settings.rekeyMarginSeconds,
    RekeyFuzzPercentage: settings.rekeyFuzzPercentage,
    ReplayWindowSize: settings.replayWindow,
    EnableTunnelLifecycleControl: settings.lifecycleControl,
  };
  const inputs: Record<string, unknown> = {};
  for (const tunnel of [1, 2] as const) {
    for (const [option, value] of Object.entries(options)) inputs[`tunnel${tunnel}${option}`] = value;
    const inside = insideCidrs?.[tunnel - 1];
    if (inside !== undefined) inputs[`tunnel${tunnel}InsideCidr`] = inside;
  }
  return inputs as Partial<ec2.VpnConnectionArgs>;
}

function keyInputs(
  keys: VpnKeys | undefined,
  opts: pulumi.CustomResourceOptions,
): Partial<ec2.VpnConnectionArgs> {
  if (keys === undefined || keys === "service") return {};
  if (keys === "secretsManager") return { presharedKeyStorage: "SecretsManager" };
  const { parent } = opts;
  const text = getSecretVersionOutput({ secretId: keys.secret }, { ...(parent && { parent }) }).secretString;
  const key = (tunnel: "tunnel1" | "tunnel2") => pulumi.secret(text).apply((json) => readKey(json, tunnel));
  return { tunnel1PresharedKey: key("tunnel1"), tunnel2PresharedKey: key("tunnel2") };
}

/** @throws without the value: messages end up in logs. */
export function readKey(json: string, tunnel: "tunnel1" | "tunnel2"): string {
  const form = `The secret of the VPN's keys has to be the JSON text {"tunnel1": "…", "tunnel2": "…"}`;
  let keys: Record<string, unknown>;
  try {
    keys = JSON.parse(json) as Record<string, unknown>;
  } catch {
    throw new Error(`${form}; it is no JSON.`);
  }
  const key = keys?.[tunnel];
  if (typeof key === "string" && /^(?!0)[A-Za-z0-9._]{8,64}$/.test(key)) return key;
  throw new Error(
    `${form}, each of 8 to 64 letters, digits, dots and underscores, not beginning with 0; ${tunnel} is not that.`,
  );
}

function logInputs(logGroupArn: pulumi.Output<string>, bgp: boolean): Partial<ec2.VpnConnectionArgs> {
  const options = {
    cloudwatchLogOptions: {
      logEnabled: true,
      logGroupArn,
      logOutputFormat: "json",
      ...(bgp && { bgpLogEnabled: true, bgpLogGroupArn: logGroupArn, bgpLogOutputFormat: "json" }),
    },
  };
  return { tunnel1LogOptions: options, tunnel2LogOptions: options };
}

/** Tells AWS where the peer's networks are, and a hub which of its two sides the connection is on. */
function createRoutes(
  { opts }: VpnContext,
  child: string,
  args: VpnPeerArgs,
  gateway: Gateway,
  connection: ec2.VpnConnection,
): void {
  const networks = args.asn === undefined ? Object.entries(args.networks ?? {}) : [];
  if (gateway.kind === "vgw") {
    for (const [network, destinationCidrBlock] of networks) {
      new ec2.VpnConnectionRoute(
        `${child}-${network}`,
        { vpnConnectionId: connection.id, destinationCidrBlock },
        opts,
      );
    }
    return;
  }
  const { environmentsTableId, peersTableId } = gateway.hub;
  const { transitGatewayAttachmentId } = connection;
  new transit.RouteTableAssociation(
    child,
    { transitGatewayAttachmentId, transitGatewayRouteTableId: peersTableId },
    opts,
  );
  if (args.asn !== undefined) {
    new transit.RouteTablePropagation(
      child,
      { transitGatewayAttachmentId, transitGatewayRouteTableId: environmentsTableId },
      opts,
    );
  }
  for (const [network, destinationCidrBlock] of networks) {
    new transit.Route(
      `${child}-${network}`,
      { destinationCidrBlock, transitGatewayAttachmentId, transitGatewayRouteTableId: environmentsTableId },
      opts,
    );
  }
}
