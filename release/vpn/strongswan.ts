/** Configuration for strongSwan 5.8 or newer (swanctl), ready to be put in place. */
import type { ConnectionData, TunnelData } from "./connection-data";
import { espProposals, ikeProposals } from "./proposals";
import { routeScript } from "./strongswan-routes";

/**
 * `route`: an XFRM interface per tunnel, and routes with metrics. What AWS recommends; needs a Linux kernel of 4.19 or newer.
 * `policy`: no interfaces, the tunnels take what is between the two networks. For any kernel, and for strongSwan's own ESP in
 * user space. One network on each side, static routing.
 */
export type Mode = "route" | "policy";

/** A file to be written, by the place it belongs to. */
export interface DeviceFile {
  name: string;
  content: string;
  /** Holds keys. */
  secret?: boolean;
  executable?: boolean;
}

const NOTE = "# Written by `retrofit vpn config`. Write it anew after a change instead of editing it.";

export function strongswanFiles(data: ConnectionData, mode: Mode): DeviceFile[] {
  return [
    { name: `swanctl/conf.d/${stem(data)}.conf`, content: swanctl(data, mode), secret: true },
    { name: `strongswan.d/${stem(data)}.conf`, content: daemon(data, mode) },
    ...(mode === "route"
      ? [{ name: `retrofit-vpn/${stem(data)}-updown`, content: routeScript(data), executable: true }]
      : []),
    ...(data.routing === "bgp" ? [{ name: `frr/${stem(data)}.conf`, content: frr(data) }] : []),
  ];
}

export const stem = ({ environment, peer }: ConnectionData): string => `retrofit-${environment}-${peer}`;
export const connectionName = (data: ConnectionData, tunnel: TunnelData): string =>
  `${stem(data)}-${tunnel.number}`;

/** Interface ids have to differ between all connections of a device: they are made of the connection's own id. */
export function interfaceId(data: ConnectionData, tunnel: TunnelData): number {
  const digits = Number.parseInt(data.connectionId.replace(/[^0-9a-f]/g, "").slice(-6) || "0", 16);
  return 2 * digits + tunnel.number;
}

function swanctl(data: ConnectionData, mode: Mode): string {
  const connections = data.tunnels.map((tunnel) => connection(data, tunnel, mode));
  const secrets =
    data.authentication === "certificate"
      ? []
      : ["secrets {", ...data.tunnels.flatMap((tunnel) => secret(data, tunnel)), "}"];
  return [
    NOTE,
    "# It holds keys: readable by root alone.",
    "connections {",
    ...connections.flat(),
    "}",
    ...secrets,
    "",
  ].join("\n");
}

function connection(data: ConnectionData, tunnel: TunnelData, mode: Mode): string[] {
  const name = connectionName(data, tunnel);
  const versions = tunnel.ikeVersions;
  const id = interfaceId(data, tunnel);
  const { phase1, phase2 } = tunnel;
  const selectors =
    mode === "route" ? ["0.0.0.0/0", "0.0.0.0/0"] : [Object.values(data.networks).join(", "), data.vpcCidr];
  return [
    `  ${name} {`,
    `    version = ${versions.includes("ikev2") ? (versions.includes("ikev1") ? 0 : 2) : 1}`,
    `    remote_addrs = ${tunnel.outside}`,
    `    proposals = ${ikeProposals(phase1).join(", ")}`,
    // Sooner than AWS's limit, so that no key is ever used beyond it.
    `    rekey_time = ${Math.floor(phase1.lifetimeSeconds * 0.9)}s`,
    `    over_time = ${Math.ceil(phase1.lifetimeSeconds * 0.1)}s`,
    `    dpd_delay = ${probeDelay(tunnel)}s`,
    "    mobike = no",
    "    keyingtries = 0",
    ...(mode === "route" ? [`    if_id_in = ${id}`, `    if_id_out = ${id}`] : []),
    ...authentication(data, tunnel),
    "    children {",
    `      ${name} {`,
    `        local_ts = ${selectors[0]}`,
    `        remote_ts = ${selectors[1]}`,
    `        esp_proposals = ${espProposals(phase2).join(", ")}`,
    `        rekey_time = ${Math.floor(phase2.lifetimeSeconds * 0.9)}s`,
    `        life_time = ${phase2.lifetimeSeconds}s`,
    // Both tunnels fit the same packets: the kernel takes the first while it is up, ESP in user space the newest.
    ...(mode === "policy" ? [`        priority = ${tunnel.number}`] : []),
    "        start_action = start",
    "        dpd_action = restart",
    "        close_action = start",
    ...(mode === "route" ? [`        updown = /etc/retrofit-vpn/${stem(data)}-updown`] : []),
    "      }",
    "    }",
    "  }",
  ];
}

function authentication(data: ConnectionData, tunnel: TunnelData): string[] {
  if (data.authentication === "certificate") {
    return [
      "    # The device's certificate and key, and the CA of AWS's end: swanctl/x509, swanctl/private, swanctl/x509ca.",
      `    local {\n      auth = pubkey\n      certs = ${stem(data)}.pem\n    }`,
      `    remote {\n      auth = pubkey\n      id = "%any"\n      cacerts = ${stem(data)}-aws-ca.pem\n    }`,
    ];
  }
  // By its public address, which a device behind a NAT router does not have itself.
  const id = data.deviceAddress ? [`      id = ${data.deviceAddress}`] : [];
  return [
    ["    local {", "      auth = psk", ...id, "    }"].join("\n"),
    `    remote {\n      auth = psk\n      id = ${tunnel.outside}\n    }`,
  ];
}

function secret(data: ConnectionData, tunnel: TunnelData): string[] {
  const missing = `FILL IN: key ${tunnel.number} of the secret ${data.keySecretArn ?? "of the connection"}`;
  return [
    `  ike-${connectionName(data, tunnel)} {`,
    `    id-1 = ${tunnel.outside}`,
    `    secret = "${tunnel.key ?? missing}"`,
    "  }",
  ];
}

/** A third of the time after which AWS gives a peer up. */
const probeDelay = ({ dpdTimeoutSeconds }: TunnelData): number =>
  Math.max(1, Math.floor(dpdTimeoutSeconds / 3));

const TRIES = 3;
const BASE = 1.5;

/**
 * In IKEv2 a dead peer is one that does not answer a message after all its repetitions, by default after almost three minutes.
 * Here probe and repetitions together take less than the time that AWS itself waits: both ends change over alike.
 */
function daemon({ tunnels }: ConnectionData, mode: Mode): string {
  const first = tunnels[0]!;
  const whole = Array.from({ length: TRIES + 1 }, (_, i) => BASE ** i).reduce((sum, part) => sum + part, 0);
  const timeout = ((first.dpdTimeoutSeconds - probeDelay(first)) * 0.8) / whole;
  const mss = Math.min(...tunnels.map((tunnel) => tunnel.mss));
  return [
    NOTE,
    "# These hold for every connection of this daemon.",
    "charon {",
    `  retransmit_tries = ${TRIES}`,
    `  retransmit_timeout = ${timeout.toFixed(1)}`,
    `  retransmit_base = ${BASE}`,
    // With interfaces the routes are the script's; a second set would win over them.
    ...(mode === "route" ? ["  install_routes = no"] : []),
    "  plugins {",
    "    kernel-netlink {",
    "      # What fits into a packet beside the tunnel's own headers.",
    `      mtu = ${mss + 40}`,
    `      mss = ${mss}`,
    "    }",
    "  }",
    "}",
    "",
  ].join("\n");
}

/** FRR's part where routes are exchanged: one session in each tunnel, the first preferred. */
function frr({ tunnels, networks }: ConnectionData): string {
  const asn = tunnels[0]!.deviceAsn;
  const announced = Object.values(networks);
  return [
    NOTE.replace("#", "!"),
    ...announced.map((network, i) => `ip prefix-list RETROFIT-OFFICE seq ${10 * (i + 1)} permit ${network}`),
    "route-map RETROFIT-SECOND permit 10",
    // A longer way: AWS then answers through the first tunnel while it is up.
    `  set as-path prepend ${asn}`,
    `router bgp ${asn}`,
    ...tunnels.flatMap((tunnel) => [
      `  neighbor ${tunnel.insideAws} remote-as ${tunnel.awsAsn}`,
      `  neighbor ${tunnel.insideAws} timers 10 30`,
    ]),
    "  address-family ipv4 unicast",
    ...announced.map((network) => `    network ${network}`),
    ...tunnels.flatMap((tunnel) => [
      `    neighbor ${tunnel.insideAws} activate`,
      `    neighbor ${tunnel.insideAws} soft-reconfiguration inbound`,
      ...(announced.length > 0 ? [`    neighbor ${tunnel.insideAws} prefix-list RETROFIT-OFFICE out`] : []),
      ...(tunnel.number === 2 ? [`    neighbor ${tunnel.insideAws} route-map RETROFIT-SECOND out`] : []),
    ]),
    "  exit-address-family",
    "",
  ].join("\n");
}
