import * as pulumi from "@pulumi/pulumi";
import { Problems } from "../../shared/validation";
import type { SiteToSiteVpnArgs, VpnHub } from "./args";
import { createConnection } from "./connection";
import type { VpnContext } from "./context";
import { createGateway } from "./gateway";
import { createIngressRules } from "./security";
import { summaryOf, type VpnSummary } from "./summary";
import { vpnProblems } from "./validate";
import { createAlarms, createDashboard, createLogGroup } from "./watch";

/**
 * Joins offices and old data centres to an environment's network: two hardened IPSec tunnels to each, routes, openings by
 * named network, alarms and logs.
 *
 * @example
 * const vpn = new SiteToSiteVpn("vpn", {
 *   network,
 *   peers: { office: { address: "198.51.100.2", networks: { legacy: "192.168.50.0/24" } } },
 *   allow: [{ from: "legacy", to: "web", securityGroupId: web.machineSecurityGroupId, ports: [8080] }],
 * });
 *
 * @throws ResourceError listing everything wrong with the arguments.
 */
export class SiteToSiteVpn extends pulumi.ComponentResource {
  /** Id of the VPN gateway or transit gateway. */
  readonly gatewayId: pulumi.Output<string>;
  /** Id of each connection, by peer. */
  readonly connectionIds: Record<string, pulumi.Output<string>>;
  /** Public addresses of AWS's two ends, by peer; what the office's firewall lets in and out: UDP 500 and 4500. */
  readonly tunnelAddresses: Record<string, pulumi.Output<string[]>>;
  /** ARNs of all alarms. */
  readonly alarmArns: pulumi.Output<string[]>;
  /** What other environments need to share the hub; undefined with `vgw`. */
  readonly hub: VpnHub | undefined;
  /** For a stack's output `vpn`, which `retrofit vpn` reads. */
  readonly summary: pulumi.Output<VpnSummary>;

  constructor(name: string, args: SiteToSiteVpnArgs, opts?: pulumi.ComponentResourceOptions) {
    super("retrofit:network:SiteToSiteVpn", name, {}, opts);
    const { plan } = args.network;
    const problems = new Problems(`Site-to-site VPN "${name}"`);
    problems.add(...vpnProblems(args, plan));
    problems.throwIfAny(this);

    const tiers = (["app", "data"] as const).filter((tier) => plan!.routeTables[tier] > 0);
    const context: VpnContext = {
      name,
      args: { ...args, propagateTo: args.propagateTo ?? tiers },
      plan: plan!,
      opts: { parent: this },
      tags: (childName) => ({ ...args.tags, Name: childName }),
    };
    const gateway = createGateway(context);
    const logGroups = Object.fromEntries(
      Object.keys(args.peers).map((peer) => [peer, createLogGroup(context, peer)]),
    );
    const peers = Object.entries(args.peers).map(([peer, of]) =>
      createConnection(context, peer, of, gateway, logGroups[peer]?.arn),
    );
    const alarms = peers.flatMap((peer) => createAlarms(context, peer));
    createDashboard(context, peers);
    createIngressRules(context);

    this.gatewayId = gateway.id;
    this.connectionIds = Object.fromEntries(peers.map(({ peer, connection }) => [peer, connection.id]));
    this.tunnelAddresses = Object.fromEntries(
      peers.map(({ peer, connection }) => [
        peer,
        pulumi.all([connection.tunnel1Address, connection.tunnel2Address]),
      ]),
    );
    this.alarmArns = pulumi.all(alarms.map((alarm) => alarm.arn));
    this.hub = gateway.kind === "tgw" ? gateway.hub : undefined;
    this.summary = summaryOf(
      context,
      gateway,
      peers,
      Object.fromEntries(Object.entries(logGroups).map(([peer, group]) => [peer, group?.name])),
    );
    this.registerOutputs({
      gatewayId: this.gatewayId,
      connectionIds: this.connectionIds,
      tunnelAddresses: this.tunnelAddresses,
      alarmArns: this.alarmArns,
      hub: this.hub,
      summary: this.summary,
    });
  }
}
