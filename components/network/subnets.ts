import * as ec2 from "@pulumi/aws/ec2";
import type * as pulumi from "@pulumi/pulumi";
import { transformed } from "../shared/transform";
import { planSubnets, type Tier } from "./address-plan";
import { ipv6Subnet } from "./cidr";
import type { Context } from "./context";
import { networkAclRules } from "./network-acl-rules";

export interface NamedSubnet {
  /** Such as `main-app-1`. */
  name: string;
  /** 0 for the first zone. */
  zone: number;
  subnet: ec2.Subnet;
}

/** In order of zone; empty for a tier that the network does not have. */
export type SubnetsByTier = Record<Tier, NamedSubnet[]>;

export function createSubnets(
  { name, settings, transform, opts, tags }: Context,
  vpc: ec2.Vpc,
  zones: pulumi.Input<string>[],
): SubnetsByTier {
  // Where AWS's list decides, a change of that list must not move a subnet that exists.
  const ignoreChanges = settings.zoneNames === undefined ? ["availabilityZone"] : [];
  const subnets: SubnetsByTier = { public: [], app: [], data: [] };
  for (const { tier, zone, cidr, ipv6Index } of planSubnets(
    settings.cidr,
    settings.zoneCount,
    settings.tiers,
  )) {
    const child = `${name}-${tier}-${zone + 1}`;
    const ipv6 = settings.ipv6 && {
      ipv6CidrBlock: vpc.ipv6CidrBlock.apply((block) => ipv6Subnet(block, ipv6Index)),
      assignIpv6AddressOnCreation: true,
    };
    const subnet = new ec2.Subnet(
      ...transformed<ec2.SubnetArgs>(
        transform.subnet,
        child,
        {
          vpcId: vpc.id,
          cidrBlock: cidr,
          availabilityZone: zones[zone],
          // Nobody gets a public address by being there: a load balancer and a NAT gateway bring their own.
          mapPublicIpOnLaunch: false,
          ...(ipv6 || {}),
          tags: tags(child),
        },
        { ...opts, ignoreChanges },
      ),
    );
    subnets[tier].push({ name: child, zone, subnet });
  }
  return subnets;
}

/** One network ACL for each tier. A subnet without one falls to the default ACL, which lets nothing through. */
export function createNetworkAcls(
  { name, settings, transform, opts, tags }: Context,
  vpc: ec2.Vpc,
  subnets: SubnetsByTier,
): Partial<Record<Tier, ec2.NetworkAcl>> {
  const acls: Partial<Record<Tier, ec2.NetworkAcl>> = {};
  for (const tier of settings.tiers) {
    const child = `${name}-${tier}`;
    acls[tier] = new ec2.NetworkAcl(
      ...transformed<ec2.NetworkAclArgs>(
        transform.networkAcl,
        child,
        {
          vpcId: vpc.id,
          subnetIds: subnets[tier].map(({ subnet }) => subnet.id),
          ...networkAclRules(tier, settings, settings.ipv6 ? vpc.ipv6CidrBlock : undefined),
          tags: tags(child),
        },
        opts,
      ),
    );
  }
  return acls;
}
