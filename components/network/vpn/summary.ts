import * as pulumi from "@pulumi/pulumi";
import type { VpnRouting } from "./args";
import type { PeerConnection } from "./connection";
import type { VpnContext } from "./context";
import { chosenTables, type Gateway } from "./gateway";
import { knownNetworks } from "./validate";
import { regionOf } from "./watch";

/** What the command line needs to find its way: ids and networks, no keys. Meant as an output of the stack. */
export interface VpnSummary {
  region: string;
  gateway: "vgw" | "tgw";
  gatewayId: string;
  vpcId: string;
  vpcCidr: string;
  /** Route tables that should lead to the peers. */
  routeTableIds: string[];
  /** Networks beyond the tunnels, by name. */
  networks: Record<string, string>;
  peers: Record<string, VpnPeerSummary>;
  allow: {
    from: string;
    to: string;
    securityGroupId: string;
    ports: (number | string)[];
    protocol: string;
  }[];
  /** Ids by which other environments share the hub; with `tgw`. */
  hub: { transitGatewayId: string; environmentsTableId: string; peersTableId: string } | null;
}

export interface VpnPeerSummary {
  connectionId: string;
  routing: VpnRouting;
  networks: Record<string, string>;
  authentication: "key" | "certificate";
  loosened: string[];
  logGroup: string | null;
}

export function summaryOf(
  context: VpnContext,
  gateway: Gateway,
  peers: readonly PeerConnection[],
  logGroups: Record<string, pulumi.Output<string> | undefined>,
): pulumi.Output<VpnSummary> {
  const { args, plan } = context;
  // Ids and addresses: nothing in here has touched a key, so nothing has to be marked secret.
  return pulumi.output({
    region: regionOf(context),
    gateway: gateway.kind,
    gatewayId: gateway.id,
    vpcId: args.network.vpcId,
    vpcCidr: plan.cidr,
    routeTableIds: chosenTables(context).map(({ routeTableId }) => routeTableId),
    networks: knownNetworks(args),
    peers: Object.fromEntries(
      peers.map(({ peer, args: of, connection }) => [
        peer,
        {
          connectionId: connection.id,
          routing: (of.asn === undefined ? "static" : "bgp") as VpnRouting,
          networks: of.networks ?? {},
          authentication: (of.certificateArn === undefined ? "key" : "certificate") as "key" | "certificate",
          loosened: [...(of.loosen ?? [])],
          logGroup: logGroups[peer] ?? null,
        },
      ]),
    ),
    allow: (args.allow ?? []).map(({ protocol = "tcp", ...rest }) => ({ ...rest, protocol })),
    hub: gateway.kind === "tgw" ? gateway.hub : null,
  }) as pulumi.Output<VpnSummary>;
}
