import { Route } from "@pulumi/aws/ec2/route";
import { VpcEndpoint } from "@pulumi/aws/ec2/vpcEndpoint";
import { VpcPeeringConnection } from "@pulumi/aws/ec2/vpcPeeringConnection";
import { SecurityGroupEgressRule } from "@pulumi/aws/vpc/securityGroupEgressRule";
import * as pulumi from "@pulumi/pulumi";
import type { NetworkLike } from "../network";
import { Doors } from "../shared/doors";

/** What every link says: how the application finds the system, and on which ports it may be reached. TCP only. */
interface LinkBase {
  /** Port that the application is told; the only one that is opened. */
  readonly port: number;
}

/**
 * A system of the business that the machines use.
 *
 * - `peering`: in another VPC of the same account and region. Free but for traffic between zones.
 * - `privateLink`: offered as an endpoint service. Costs by the hour in each zone, and by traffic.
 * - `network`: at an address that the network leads to already, such as through the VPN.
 */
export type Link = LinkBase &
  (
    | { readonly kind: "peering"; readonly host: string; readonly vpcId: string; readonly cidr: string }
    | { readonly kind: "privateLink"; readonly service: string }
    | { readonly kind: "network"; readonly host: string; readonly cidr: string }
  );

export interface SystemLinksArgs {
  readonly network: NetworkLike;
  /** By name. */
  readonly links: Readonly<Record<string, Link>>;
  readonly tags?: Record<string, string>;
}

export interface LinkEnd {
  readonly kind: Link["kind"];
  readonly host: pulumi.Output<string>;
  readonly port: number;
}

/**
 * The ways from an environment to the business's other systems. Each opens one port to one place, for those who are let out
 * by {@link allowFrom}, and nothing comes in by them.
 */
export class SystemLinks extends pulumi.ComponentResource {
  /** Where each system is, by the link's name. */
  public readonly ends: Readonly<Record<string, LinkEnd>>;
  private readonly doors = new Map<string, Doors>();

  constructor(
    private readonly linksName: string,
    private readonly args: SystemLinksArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("retrofit:links:SystemLinks", linksName, {}, opts);
    this.ends = Object.fromEntries(
      Object.entries(args.links).map(([name, link]) => [
        name,
        { kind: link.kind, host: this.make(name, link), port: link.port },
      ]),
    );
    this.registerOutputs({ ends: this.ends });
  }

  /** Lets machines out to every system. `who` names their security group. */
  allowFrom(who: string, securityGroupId: pulumi.Input<string>): void {
    for (const [name, link] of Object.entries(this.args.links)) {
      if (link.kind === "privateLink") this.doors.get(name)!.open(who, securityGroupId);
      else {
        new SecurityGroupEgressRule(
          `${this.linksName}-${name}-to-${who}`,
          {
            securityGroupId,
            ipProtocol: "tcp",
            fromPort: link.port,
            toPort: link.port,
            cidrIpv4: link.cidr,
            description: `${who} to ${name}`,
          },
          { parent: this },
        );
      }
    }
  }

  private make(name: string, link: Link): pulumi.Output<string> {
    if (link.kind === "privateLink") return this.endpoint(name, link);
    if (link.kind === "peering") this.peer(name, link);
    return pulumi.output(link.host);
  }

  private peer(name: string, { vpcId, cidr }: Extract<Link, { kind: "peering" }>): void {
    const { network, tags } = this.args;
    const child = `${this.linksName}-${name}`;
    const peering = new VpcPeeringConnection(
      child,
      { vpcId: network.vpcId, peerVpcId: vpcId, autoAccept: true, tags: { ...tags, Name: child } },
      { parent: this },
    );
    // Counted by the plan: how many resources there are must not hang on values of AWS's.
    for (let i = 0; i < (network.plan?.routeTables.app ?? 0); i++) {
      new Route(
        `${child}-${i + 1}`,
        {
          routeTableId: network.routeTableIds.app.apply((ids) => ids[i]!),
          destinationCidrBlock: cidr,
          vpcPeeringConnectionId: peering.id,
        },
        { parent: this },
      );
    }
  }

  private endpoint(
    name: string,
    { service, port }: Extract<Link, { kind: "privateLink" }>,
  ): pulumi.Output<string> {
    const { network, tags } = this.args;
    const child = `${this.linksName}-${name}`;
    const doors = new Doors(child, port, network, tags, this);
    this.doors.set(name, doors);
    const endpoint = new VpcEndpoint(
      child,
      {
        vpcId: network.vpcId,
        serviceName: service,
        vpcEndpointType: "Interface",
        subnetIds: network.subnetIds.app,
        securityGroupIds: [doors.group.id],
        tags: { ...tags, Name: child },
      },
      { parent: this },
    );
    return endpoint.dnsEntries.apply((entries) => entries[0]?.dnsName ?? "");
  }
}
