/** The parameters for any other device, as its administrator asks for them. */
import type { ConnectionData, PhaseData, TunnelData } from "./connection-data";
import { type DeviceFile, stem } from "./strongswan";

export function genericFiles(data: ConnectionData): DeviceFile[] {
  return [{ name: `${stem(data)}.txt`, content: parameters(data), secret: true }];
}

function parameters(data: ConnectionData): string {
  const networks = Object.entries(data.networks).map(([name, cidr]) => `${cidr} (${name})`);
  return [
    `Site-to-site VPN of ${data.environment} with ${data.peer}, connection ${data.connectionId}`,
    "This file holds keys. Hand it over encrypted.",
    "",
    "Two tunnels, both always up; the first is used, the second takes over. One pair of security associations each.",
    "",
    row("Your device", data.deviceAddress ?? "any address, known by its certificate"),
    row("Your networks", networks.join(", ") || "as announced by BGP"),
    row("Network in AWS", data.vpcCidr),
    row("Routing", data.routing === "bgp" ? "BGP inside of the tunnels" : "static"),
    row(
      "Firewall",
      "UDP 500 and UDP 4500 both ways with the two addresses below; protocol 50 (ESP) where there is no NAT",
    ),
    ...data.tunnels.flatMap((tunnel) => ["", ...tunnelLines(data, tunnel)]),
    "",
    "Routes",
    ...routeLines(data),
    "",
  ].join("\n");
}

function tunnelLines(data: ConnectionData, tunnel: TunnelData): string[] {
  const key = tunnel.key ?? `in the secret ${data.keySecretArn ?? "of the connection"}`;
  return [
    `Tunnel ${tunnel.number}`,
    row("AWS's end", tunnel.outside),
    row("IKE version", tunnel.ikeVersions.map((version) => version.replace("ikev", "")).join(", ")),
    row(
      "Authentication",
      data.authentication === "certificate" ? "certificate of the private CA" : `pre-shared key ${key}`,
    ),
    row("Identities", `your public address; ${tunnel.outside}`),
    row("Phase 1 (IKE)", phase(tunnel.phase1)),
    row("Phase 2 (ESP)", `${phase(tunnel.phase2)}, perfect forward secrecy, tunnel mode`),
    row(
      "Selectors",
      "0.0.0.0/0 both ways on an interface; on a policy-based device one pair: your network and AWS's",
    ),
    row(
      "Dead peer",
      `probe every ${Math.floor(tunnel.dpdTimeoutSeconds / 3)} s, dead after ${tunnel.dpdTimeoutSeconds} s, then start again`,
    ),
    row("Who begins", tunnel.awsStarts ? "both ends" : "your device"),
    row(
      "Inside addresses",
      `yours ${tunnel.insideDevice}/${tunnel.insidePrefix}, AWS's ${tunnel.insideAws}/${tunnel.insidePrefix}`,
    ),
    row("MTU, TCP MSS", `${tunnel.mss + 40}, ${tunnel.mss}; clear the DF bit, fragment before encryption`),
    ...(data.routing === "bgp"
      ? [
          row(
            "BGP",
            `your ASN ${tunnel.deviceAsn}, neighbour ${tunnel.insideAws} with ASN ${tunnel.awsAsn}, hold time 30 s`,
          ),
        ]
      : []),
  ];
}

function routeLines({ routing, vpcCidr, tunnels }: ConnectionData): string[] {
  if (routing === "bgp")
    return [
      "  Announce your networks in both sessions; prepend your ASN in the second, so that the first is preferred.",
    ];
  return tunnels.map(
    (tunnel) =>
      `  ${vpcCidr} through tunnel ${tunnel.number}, metric ${100 * tunnel.number}, only while the tunnel is up`,
  );
}

function phase({ encryption, integrity, groups, lifetimeSeconds }: PhaseData): string {
  return `${encryption.join(" or ")}; ${integrity.join(", ")}; Diffie-Hellman group ${groups.join(", ")}; lifetime ${lifetimeSeconds} s`;
}

const row = (name: string, value: string): string => `  ${`${name}:`.padEnd(18)}${value}`;
