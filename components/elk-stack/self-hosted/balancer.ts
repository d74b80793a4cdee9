/** One address for all nodes. It passes connections on as they are: TLS ends at the nodes. */
import { Listener } from "@pulumi/aws/lb/listener";
import { LoadBalancer } from "@pulumi/aws/lb/loadBalancer";
import { TargetGroup } from "@pulumi/aws/lb/targetGroup";
import { SecurityGroupEgressRule } from "@pulumi/aws/vpc/securityGroupEgressRule";
import { SecurityGroupIngressRule } from "@pulumi/aws/vpc/securityGroupIngressRule";
import type * as pulumi from "@pulumi/pulumi";
import { type SelfHostedStoreArgs, STORE_PORT } from "../args";

/** A port of the store: where clients come to, and where nodes listen. */
export interface StorePort {
  readonly suffix: string;
  readonly outside: number;
  readonly inside: number;
  /** Answers 200 without a sign-in when the node can serve. Default: a port that is open will do. */
  readonly healthPath?: string;
}

export const HTTP: StorePort = {
  suffix: "store",
  outside: STORE_PORT,
  inside: 9200,
  healthPath: "/_plugins/_security/health",
};
export const DASHBOARDS: StorePort = { suffix: "dashboards", outside: 5601, inside: 5601 };
export const BEATS: StorePort = { suffix: "beats", outside: 5044, inside: 5044 };
export const SYSLOG: StorePort = { suffix: "syslog", outside: 6514, inside: 6514 };

export const portsOf = ({
  programs,
  syslog,
}: Pick<SelfHostedStoreArgs, "programs" | "syslog">): StorePort[] => [
  HTTP,
  ...(programs.dashboards ? [DASHBOARDS] : []),
  ...(programs.logstash ? [BEATS] : []),
  ...(syslog ? [SYSLOG] : []),
];

export interface Balancer {
  readonly loadBalancer: LoadBalancer;
  readonly targetGroups: readonly TargetGroup[];
}

export function makeBalancer(
  name: string,
  args: SelfHostedStoreArgs,
  groups: { balancer: pulumi.Input<string>; machines: pulumi.Input<string> },
  parent: pulumi.Resource,
): Balancer {
  const tags = { ...args.tags, Name: name };
  const loadBalancer = new LoadBalancer(
    name,
    {
      internal: true,
      loadBalancerType: "network",
      subnets: args.network.subnetIds.app,
      securityGroups: [groups.balancer],
      enableCrossZoneLoadBalancing: true,
      enableDeletionProtection: args.protected ?? false,
      tags,
    },
    { parent },
  );
  const targetGroups = portsOf(args).map((port) => {
    const child = `${name}-${port.suffix}`;
    const between = {
      ipProtocol: "tcp",
      fromPort: port.inside,
      toPort: port.inside,
      description: `${port.suffix}, through the balancer`,
    };
    new SecurityGroupIngressRule(
      `${child}-in`,
      { ...between, securityGroupId: groups.machines, referencedSecurityGroupId: groups.balancer },
      { parent },
    );
    new SecurityGroupEgressRule(
      `${child}-out`,
      { ...between, securityGroupId: groups.balancer, referencedSecurityGroupId: groups.machines },
      { parent },
    );
    const targetGroup = new TargetGroup(
      child,
      {
        port: port.inside,
        protocol: "TCP",
        vpcId: args.network.vpcId,
        deregistrationDelay: 30,
        // Who comes is whom the balancer's security group lets in; nodes see the balancer only.
        preserveClientIp: "false",
        healthCheck: port.healthPath
          ? { protocol: "HTTPS", path: port.healthPath, matcher: "200", interval: 10 }
          : { protocol: "TCP", interval: 10 },
        tags: { ...tags, Name: child },
      },
      { parent },
    );
    new Listener(
      child,
      {
        loadBalancerArn: loadBalancer.arn,
        port: port.outside,
        protocol: "TCP",
        defaultActions: [{ type: "forward", targetGroupArn: targetGroup.arn }],
        tags,
      },
      { parent },
    );
    return targetGroup;
  });
  return { loadBalancer, targetGroups };
}
