import * as pulumi from "@pulumi/pulumi";
import { Problems } from "../shared/validation";
import type { Tier } from "./address-plan";
import type { NetworkArgs } from "./args";
import type { Context } from "./context";
import { createEndpoints, type Endpoints } from "./endpoints";
import { ExistingNetwork, type ExistingNetworkArgs } from "./existing-network";
import { createFlowLog } from "./flow-logs";
import type { NetworkLike, NetworkPlan } from "./network-like";
import { createRouting } from "./routing";
import { type NetworkSettings, networkProblems, settingsOf } from "./settings";
import { createNetworkAcls, createSubnets, type NamedSubnet, type SubnetsByTier } from "./subnets";
import { createVpc, lockDefaults } from "./vpc";
import { zoneNames } from "./zones";

/**
 * A VPC over several zones, with a public, an app and a data tier whose addresses never move when it grows.
 *
 * @example
 * const network = new Network("main", { cidr: "10.0.0.0/16", zones: 3, nat: "perZone" });
 */
export class Network extends pulumi.ComponentResource implements NetworkLike {
  readonly vpcId: pulumi.Output<string>;
  readonly cidr: pulumi.Output<string>;
  readonly subnetIds: Record<Tier, pulumi.Output<string[]>>;
  readonly routeTableIds: Record<Tier, pulumi.Output<string[]>>;
  /** Addresses from which the app tier is seen on the internet; what a partner's firewall has to let in. */
  readonly natPublicIps: pulumi.Output<string[]>;
  /** Ids of all endpoints, by short name of the service. */
  readonly vpcEndpointIds: Record<string, pulumi.Output<string>>;
  /** Zone of the first, second, … subnet of each tier. */
  readonly availabilityZones: pulumi.Output<string[]>;
  /** Log group of the flow logs, where they are kept. */
  readonly flowLogGroupName: pulumi.Output<string> | undefined;
  readonly plan: NetworkPlan;

  constructor(name: string, args: NetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("retrofit:network:Network", name, {}, opts);
    const settings = checked(name, args, this);
    const context: Context = {
      name,
      settings,
      transform: args.transform ?? {},
      opts: { parent: this },
      tags: (childName) => ({ ...args.tags, Name: childName }),
    };

    const vpc = createVpc(context);
    lockDefaults(context, vpc);
    const subnets = createSubnets(context, vpc, zoneNames(settings, this));
    const acls = createNetworkAcls(context, vpc, subnets);
    const routing = createRouting(context, vpc, subnets);
    const endpoints = createEndpoints(context, vpc, subnets, routing);
    this.flowLogGroupName = createFlowLog(context, vpc);

    this.plan = {
      cidr: settings.cidr,
      routeTables: forEachTier((tier) => routing.tables[tier].length),
    };
    this.vpcId = vpc.id;
    this.cidr = vpc.cidrBlock;
    this.subnetIds = forEachTier((tier) =>
      usableIds(subnets[tier], [acls[tier], ...routing.ways[tier], ...Object.values(endpoints.gateways)]),
    );
    this.routeTableIds = forEachTier((tier) => pulumi.all(routing.tables[tier].map((table) => table.id)));
    this.natPublicIps = pulumi.all(routing.natAddresses.map((address) => address.publicIp));
    this.vpcEndpointIds = endpointIds(endpoints);
    this.availabilityZones = pulumi.all(firstTier(subnets).map(({ subnet }) => subnet.availabilityZone));
    this.registerOutputs({
      vpcId: this.vpcId,
      cidr: this.cidr,
      subnetIds: this.subnetIds,
      routeTableIds: this.routeTableIds,
      natPublicIps: this.natPublicIps,
      vpcEndpointIds: this.vpcEndpointIds,
      availabilityZones: this.availabilityZones,
    });
  }

  /**
   * Takes a VPC that was made elsewhere, so that other components can be put into it.
   *
   * @example
   * const vpc = new awsx.ec2.Vpc("legacy", { … });
   * const network = Network.fromExisting("legacy", {
   *   vpcId: vpc.vpcId,
   *   cidr: vpc.vpc.cidrBlock,
   *   subnets: { public: vpc.publicSubnetIds, app: vpc.privateSubnetIds, data: vpc.isolatedSubnetIds },
   * });
   */
  static fromExisting(
    name: string,
    args: ExistingNetworkArgs,
    opts?: pulumi.ComponentResourceOptions,
  ): ExistingNetwork {
    return new ExistingNetwork(name, args, opts);
  }
}

function checked(name: string, args: NetworkArgs, network: Network): NetworkSettings {
  const settings = settingsOf(args);
  const problems = new Problems(`Network "${name}"`);
  problems.add(...networkProblems(name, settings));
  problems.throwIfAny(network);
  return settings;
}

/** The ids carry what makes the subnets usable as dependencies, so that whoever takes one waits for it. */
function usableIds(
  subnets: NamedSubnet[],
  needs: (pulumi.CustomResource | undefined)[],
): pulumi.Output<string[]> {
  const ids = pulumi.all(subnets.map(({ subnet }) => subnet.id));
  const needed = pulumi.all(needs.flatMap((resource) => resource?.id ?? []));
  return pulumi.all([ids, needed]).apply(([subnetIds]) => subnetIds);
}

function forEachTier<T>(of: (tier: Tier) => T): Record<Tier, T> {
  return { public: of("public"), app: of("app"), data: of("data") };
}

function firstTier(subnets: SubnetsByTier): NamedSubnet[] {
  return Object.values(subnets).find((tier) => tier.length > 0) ?? [];
}

function endpointIds({ gateways, interfaces }: Endpoints): Record<string, pulumi.Output<string>> {
  const entries = Object.entries({ ...gateways, ...interfaces });
  return Object.fromEntries(entries.map(([service, endpoint]) => [service, endpoint.id]));
}
