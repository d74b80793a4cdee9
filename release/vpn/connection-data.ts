/**
 * What a device needs to know of a connection, from the connection itself: AWS's configuration document has the
 * addresses and keys, the tunnel options have what may be agreed on (the document names one algorithm of each kind).
 */
import type { VpnConnection } from "@aws-sdk/client-ec2";
import type { VpnPeerSummary } from "../../components/network";
import { tunnelSettings } from "../../components/network/vpn/tunnel-options";
import { failed } from "../errors";

export interface PhaseData {
  encryption: string[];
  integrity: string[];
  groups: number[];
  lifetimeSeconds: number;
}

export interface TunnelData {
  /** 1 or 2. */
  number: number;
  /** Public address of AWS's end. */
  outside: string;
  /** Addresses inside of the tunnel, with the /30 that they are in. */
  insideAws: string;
  insideDevice: string;
  insidePrefix: number;
  awsAsn: number;
  deviceAsn: number;
  /** Undefined where the device proves itself by a certificate, or where AWS does not tell. */
  key?: string;
  ikeVersions: string[];
  phase1: PhaseData;
  phase2: PhaseData;
  dpdTimeoutSeconds: number;
  rekeyMarginSeconds: number;
  /** Whether AWS begins, too. */
  awsStarts: boolean;
  /** Largest TCP segment that fits. */
  mss: number;
}

export interface ConnectionData {
  environment: string;
  peer: string;
  connectionId: string;
  routing: "static" | "bgp";
  authentication: "key" | "certificate";
  /** As AWS has it; undefined for a device whose address changes. */
  deviceAddress?: string;
  vpcCidr: string;
  /** The peer's networks, by name. */
  networks: Record<string, string>;
  /** Where the keys are, when the connection itself does not have them. */
  keySecretArn?: string;
  tunnels: TunnelData[];
}

export function connectionData(
  environment: string,
  peer: string,
  summary: VpnPeerSummary,
  vpcCidr: string,
  connection: VpnConnection,
): ConnectionData {
  const xml = connection.CustomerGatewayConfiguration ?? "";
  const documents = [...xml.matchAll(/<ipsec_tunnel>([\s\S]*?)<\/ipsec_tunnel>/g)].map(([, body]) => body!);
  if (documents.length !== 2) {
    throw failed(
      `AWS gives no configuration for the connection ${summary.connectionId} of ${peer} (its state is ${connection.State ?? "unknown"}).`,
      "Bring the environment up again; a connection that is being deleted has none.",
    );
  }
  const tunnels = documents.map((document, i) => tunnelData(document, i, connection));
  const deviceAddress = within(documents[0]!, "customer_gateway", "tunnel_outside_address", "ip_address");
  return {
    environment,
    peer,
    connectionId: summary.connectionId,
    routing: summary.routing,
    authentication: summary.authentication,
    ...(deviceAddress ? { deviceAddress } : {}),
    vpcCidr,
    networks: summary.networks,
    ...(connection.PreSharedKeyArn ? { keySecretArn: connection.PreSharedKeyArn } : {}),
    tunnels,
  };
}

function tunnelData(document: string, index: number, connection: VpnConnection): TunnelData {
  const outside = need(document, "vpn_gateway", "tunnel_outside_address", "ip_address");
  const all = connection.Options?.TunnelOptions ?? [];
  const options = all.find((option) => option.OutsideIpAddress === outside) ?? all[index] ?? {};
  // Where nothing was asked for AWS accepts everything, so that the hardened lists are accepted as well.
  const hardened = tunnelSettings();
  const key = within(document, "ike", "pre_shared_key");
  const values = <T>(list: { Value?: T }[] | undefined): T[] =>
    (list ?? []).flatMap(({ Value }) => (Value === undefined ? [] : [Value]));
  const some = <T>(list: T[], otherwise: T[]): T[] => (list.length > 0 ? list : otherwise);
  return {
    number: index + 1,
    outside,
    insideAws: need(document, "vpn_gateway", "tunnel_inside_address", "ip_address"),
    insideDevice: need(document, "customer_gateway", "tunnel_inside_address", "ip_address"),
    insidePrefix: Number(need(document, "customer_gateway", "tunnel_inside_address", "network_cidr")),
    awsAsn: Number(within(document, "vpn_gateway", "bgp", "asn") ?? 64_512),
    deviceAsn: Number(within(document, "customer_gateway", "bgp", "asn") ?? 65_000),
    // AWS writes stars where the key is kept elsewhere.
    ...(key && !/^\*+$/.test(key) ? { key } : {}),
    ikeVersions: some(values<string>(options.IkeVersions), hardened.ikeVersions),
    phase1: {
      encryption: some(values<string>(options.Phase1EncryptionAlgorithms), hardened.phase1.encryption),
      integrity: some(values<string>(options.Phase1IntegrityAlgorithms), hardened.phase1.integrity),
      groups: some(values<number>(options.Phase1DHGroupNumbers), hardened.phase1.groups),
      lifetimeSeconds: options.Phase1LifetimeSeconds ?? 28_800,
    },
    phase2: {
      encryption: some(values<string>(options.Phase2EncryptionAlgorithms), hardened.phase2.encryption),
      integrity: some(values<string>(options.Phase2IntegrityAlgorithms), hardened.phase2.integrity),
      groups: some(values<number>(options.Phase2DHGroupNumbers), hardened.phase2.groups),
      lifetimeSeconds: options.Phase2LifetimeSeconds ?? 3600,
    },
    dpdTimeoutSeconds: options.DpdTimeoutSeconds ?? 30,
    rekeyMarginSeconds: options.RekeyMarginTimeSeconds ?? 270,
    awsStarts: options.StartupAction === "start",
    mss: Number(within(document, "ipsec", "tcp_mss_adjustment") ?? 1379),
  };
}

/** The text of an element, by the way to it. The document is small and regular: AWS writes it by machine. */
function within(text: string, ...path: string[]): string | undefined {
  const [name, ...rest] = path;
  if (name === undefined) return decoded(text.trim()) || undefined;
  const body = new RegExp(`<${name}>([\\s\\S]*?)</${name}>`).exec(text)?.[1];
  return body === undefined ? undefined : within(body, ...rest);
}

function need(text: string, ...path: string[]): string {
  const found = within(text, ...path);
  if (found === undefined) throw failed(`AWS's configuration document has no ${path.join("/")}.`);
  return found;
}

function decoded(text: string): string {
  const entities: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
  return text.replace(/&(amp|lt|gt|quot|apos);/g, (_, name: string) => entities[name]!);
}
