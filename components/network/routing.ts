import * as ec2 from "@pulumi/aws/ec2";
import type * as pulumi from "@pulumi/pulumi";
import { transformed } from "../shared/transform";
import type { Tier } from "./address-plan";
import type { Context } from "./context";
import type { NamedSubnet, SubnetsByTier } from "./subnets";

export interface Routing {
  tables: Record<Tier, ec2.RouteTable[]>;
  /** What must be there before machines in the tier can reach what they should. */
  ways: Record<Tier, pulumi.CustomResource[]>;
  natAddresses: ec2.Eip[];
}

/**
 * One route table for the public tier, one per zone for the app tier whatever the NAT mode, so that a change of mode
 * is a change of routes, and one without routes for the data tier.
 */
export function createRouting(context: Context, vpc: ec2.Vpc, subnets: SubnetsByTier): Routing {
  const { name, settings } = context;
  const routing: Routing = {
    tables: { public: [], app: [], data: [] },
    ways: { public: [], app: [], data: [] },
    natAddresses: [],
  };
  const addTable = (tier: Tier, child: string, users: NamedSubnet[]) => {
    const table = createRouteTable(context, vpc, child);
    routing.tables[tier].push(table);
    for (const user of users) routing.ways[tier].push(associate(context, table, user));
    return table;
  };
  const addRoute = (tier: Tier, child: string, args: ec2.RouteArgs) =>
    routing.ways[tier].push(createRoute(context, child, args));

  let nats: ec2.NatGateway[] = [];
  if (settings.tiers.includes("public")) {
    const internet = createInternetGateway(context, vpc);
    const { id: routeTableId } = addTable("public", `${name}-public`, subnets.public);
    const way = { routeTableId, gatewayId: internet.id };
    addRoute("public", `${name}-public-internet`, { ...way, destinationCidrBlock: "0.0.0.0/0" });
    if (settings.ipv6) {
      addRoute("public", `${name}-public-ipv6`, { ...way, destinationIpv6CidrBlock: "::/0" });
    }
    ({ nats, addresses: routing.natAddresses } = createNats(context, subnets.public, internet));
  }
  if (settings.tiers.includes("app")) {
    const egress = settings.ipv6 ? createEgressOnlyGateway(context, vpc) : undefined;
    for (const user of subnets.app) {
      const { id: routeTableId } = addTable("app", user.name, [user]);
      const nat = nats[user.zone] ?? nats[0];
      if (nat) {
        const way = { routeTableId, natGatewayId: nat.id };
        addRoute("app", `${user.name}-nat`, { ...way, destinationCidrBlock: "0.0.0.0/0" });
      }
      if (egress) {
        const way = { routeTableId, egressOnlyGatewayId: egress.id };
        addRoute("app", `${user.name}-ipv6`, { ...way, destinationIpv6CidrBlock: "::/0" });
      }
    }
  }
  if (settings.tiers.includes("data")) addTable("data", `${name}-data`, subnets.data);
  return routing;
}

/** The first NAT gateway has the same name in both modes, so that it stays when the mode changes. */
function createNats(
  { name, settings, transform, opts, tags }: Context,
  subnets: NamedSubnet[],
  internet: ec2.InternetGateway,
): { nats: ec2.NatGateway[]; addresses: ec2.Eip[] } {
  const count = { none: 0, single: 1, perZone: subnets.length }[settings.nat];
  const made = subnets.slice(0, count).map(({ zone, subnet }) => {
    const child = `${name}-nat-${zone + 1}`;
    const address = new ec2.Eip(
      ...transformed<ec2.EipArgs>(transform.elasticIp, child, { domain: "vpc", tags: tags(child) }, opts),
    );
    const nat = new ec2.NatGateway(
      ...transformed<ec2.NatGatewayArgs>(
        transform.natGateway,
        child,
        { allocationId: address.id, subnetId: subnet.id, tags: tags(child) },
        // AWS refuses a NAT gateway in a VPC that has no way to the internet yet.
        { ...opts, dependsOn: [internet] },
      ),
    );
    return { nat, address };
  });
  return { nats: made.map(({ nat }) => nat), addresses: made.map(({ address }) => address) };
}

function createInternetGateway({ name, transform, opts, tags }: Context, vpc: ec2.Vpc): ec2.InternetGateway {
  return new ec2.InternetGateway(
    ...transformed<ec2.InternetGatewayArgs>(
      transform.internetGateway,
      name,
      { vpcId: vpc.id, tags: tags(name) },
      opts,
    ),
  );
}

function createEgressOnlyGateway({ name, transform, opts, tags }: Context, vpc: ec2.Vpc) {
  return new ec2.EgressOnlyInternetGateway(
    ...transformed<ec2.EgressOnlyInternetGatewayArgs>(
      transform.egressOnlyInternetGateway,
      name,
      { vpcId: vpc.id, tags: tags(name) },
      opts,
    ),
  );
}

function createRouteTable({ transform, opts, tags }: Context, vpc: ec2.Vpc, child: string): ec2.RouteTable {
  return new ec2.RouteTable(
    ...transformed<ec2.RouteTableArgs>(
      transform.routeTable,
      child,
      { vpcId: vpc.id, tags: tags(child) },
      opts,
    ),
  );
}

function associate({ transform, opts }: Context, table: ec2.RouteTable, { name, subnet }: NamedSubnet) {
  return new ec2.RouteTableAssociation(
    ...transformed<ec2.RouteTableAssociationArgs>(
      transform.routeTableAssociation,
      name,
      { routeTableId: table.id, subnetId: subnet.id },
      opts,
    ),
  );
}

function createRoute({ transform, opts }: Context, child: string, args: ec2.RouteArgs): ec2.Route {
  return new ec2.Route(...transformed<ec2.RouteArgs>(transform.route, child, args, opts));
}
