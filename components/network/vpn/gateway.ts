import * as ec2 from "@pulumi/aws/ec2";
import * as transit from "@pulumi/aws/ec2transitgateway";
import * as pulumi from "@pulumi/pulumi";
import { transformed } from "../../shared/transform";
import { TIERS, type Tier } from "../address-plan";
import type { VpnHub } from "./args";
import type { VpnContext } from "./context";
import { knownNetworks } from "./validate";

/** What the tunnels end in. */
export type Gateway = VgwGateway | TgwGateway;

export interface VgwGateway {
  kind: "vgw";
  id: pulumi.Output<string>;
}

export interface TgwGateway {
  kind: "tgw";
  id: pulumi.Output<string>;
  hub: VpnHub;
}

const DEFAULT_AMAZON_ASN = 64_512;

export function createGateway(context: VpnContext): Gateway {
  return context.args.gateway === "tgw" ? createTransit(context) : createVpnGateway(context);
}

/** One gateway for the VPC, which tells the chosen route tables what it knows of the peers' networks. */
function createVpnGateway(context: VpnContext): VgwGateway {
  const { name, args, opts, tags } = context;
  const gateway = new ec2.VpnGateway(
    ...transformed<ec2.VpnGatewayArgs>(
      args.transform?.vpnGateway,
      name,
      { amazonSideAsn: String(args.amazonAsn ?? DEFAULT_AMAZON_ASN), tags: tags(name) },
      opts,
    ),
  );
  const attachment = new ec2.VpnGatewayAttachment(
    name,
    { vpcId: args.network.vpcId, vpnGatewayId: gateway.id },
    opts,
  );
  for (const { child, routeTableId } of chosenTables(context)) {
    new ec2.VpnGatewayRoutePropagation(
      child,
      { vpnGatewayId: attachment.vpnGatewayId, routeTableId },
      { ...opts, dependsOn: [attachment] },
    );
  }
  // The attachment's copy of the id: whoever uses it waits until the gateway is at its VPC.
  return { kind: "vgw", id: attachment.vpnGatewayId };
}

/**
 * The environment's place at the hub. Two route tables keep environments apart: what comes from an environment finds
 * only the peers, what comes from a peer finds every environment.
 */
function createTransit(context: VpnContext): TgwGateway {
  const { name, args, opts, tags } = context;
  const hub = args.hub ?? createHub(context);
  const subnetTier = context.plan.routeTables.app > 0 ? "app" : "public";
  const attachment = new transit.VpcAttachment(
    ...transformed<transit.VpcAttachmentArgs>(
      args.transform?.vpcAttachment,
      name,
      {
        transitGatewayId: hub.transitGatewayId,
        vpcId: args.network.vpcId,
        subnetIds: args.network.subnetIds[subnetTier],
        transitGatewayDefaultRouteTableAssociation: false,
        transitGatewayDefaultRouteTablePropagation: false,
        tags: tags(name),
      },
      opts,
    ),
  );
  const transitGatewayAttachmentId = attachment.id;
  new transit.RouteTableAssociation(
    name,
    { transitGatewayAttachmentId, transitGatewayRouteTableId: hub.environmentsTableId },
    opts,
  );
  new transit.RouteTablePropagation(
    name,
    { transitGatewayAttachmentId, transitGatewayRouteTableId: hub.peersTableId },
    opts,
  );
  for (const { child, routeTableId } of chosenTables(context)) {
    for (const [network, destinationCidrBlock] of Object.entries(knownNetworks(args))) {
      new ec2.Route(
        ...transformed<ec2.RouteArgs>(
          args.transform?.route,
          `${child}-${network}`,
          { routeTableId, destinationCidrBlock, transitGatewayId: hub.transitGatewayId },
          // AWS refuses a route to a transit gateway that the VPC is not attached to.
          { ...opts, dependsOn: [attachment] },
        ),
      );
    }
  }
  return { kind: "tgw", id: pulumi.output(hub.transitGatewayId), hub };
}

function createHub({ name, args, opts, tags }: VpnContext): VpnHub {
  const gateway = new transit.TransitGateway(
    ...transformed<transit.TransitGatewayArgs>(
      args.transform?.transitGateway,
      name,
      {
        description: `Hub of ${name}: environments and the peers joined to them`,
        amazonSideAsn: args.amazonAsn ?? DEFAULT_AMAZON_ASN,
        // The default table would let every environment reach every other.
        defaultRouteTableAssociation: "disable",
        defaultRouteTablePropagation: "disable",
        autoAcceptSharedAttachments: "disable",
        dnsSupport: "enable",
        vpnEcmpSupport: "enable",
        tags: tags(name),
      },
      opts,
    ),
  );
  const table = (child: string) =>
    new transit.RouteTable(child, { transitGatewayId: gateway.id, tags: tags(child) }, opts);
  return {
    transitGatewayId: gateway.id,
    environmentsTableId: table(`${name}-environments`).id,
    peersTableId: table(`${name}-peers`).id,
  };
}

/** The route tables that lead to the peers. A tier's name tells its tables apart, with a number where it has several. */
export function chosenTables({
  name,
  args,
  plan,
}: Pick<VpnContext, "name" | "args" | "plan">): { child: string; routeTableId: pulumi.Output<string> }[] {
  const wanted: readonly Tier[] = args.propagateTo ?? ["app", "data"];
  return TIERS.filter((tier) => wanted.includes(tier)).flatMap((tier) => {
    const ids = args.network.routeTableIds[tier];
    return Array.from({ length: plan.routeTables[tier] }, (_, i) => ({
      child: `${name}-${tier}-${i + 1}`,
      routeTableId: ids.apply((all) => all[i]!),
    }));
  });
}
