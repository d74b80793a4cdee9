import { SecurityGroup } from "@pulumi/aws/ec2/securityGroup";
import { SecurityGroupEgressRule } from "@pulumi/aws/vpc/securityGroupEgressRule";
import { SecurityGroupIngressRule } from "@pulumi/aws/vpc/securityGroupIngressRule";
import type * as pulumi from "@pulumi/pulumi";
import type { AutoscalingWebTierArgs } from "./args";

export interface TierSecurity {
  readonly loadBalancer: SecurityGroup;
  readonly machines: SecurityGroup;
}

/** Clients reach the load balancer, the load balancer reaches the machines, the machines reach out by HTTP(S). Nothing else. */
export function makeSecurity(
  name: string,
  args: AutoscalingWebTierArgs,
  parent: pulumi.Resource,
): TierSecurity {
  const group = (suffix: string, description: string) =>
    new SecurityGroup(
      `${name}-${suffix}`,
      {
        vpcId: args.network.vpcId,
        description,
        tags: { ...args.tags, Name: `${name}-${suffix}` },
      },
      { parent },
    );
  const loadBalancer = group("lb", `Load balancer of ${name}`);
  const machines = group("machines", `Machines of ${name}`);
  const ports = args.certificateArn === undefined ? [80] : [80, 443];
  const testPort = args.testPort ?? 8443;
  const doors = [
    ...ports.flatMap((port) =>
      (args.clients ?? ["0.0.0.0/0"]).map((network) => ({ port, network, who: "clients" })),
    ),
    ...args.testers.map((network) => ({ port: testPort, network, who: "testers" })),
  ];
  for (const { port, network, who } of doors) {
    new SecurityGroupIngressRule(
      // Named by what it opens, so that adding a network replaces no other rule.
      `${name}-lb-${port}-${network.replace(/[^0-9a-f]+/gi, "-")}`,
      {
        securityGroupId: loadBalancer.id,
        ipProtocol: "tcp",
        fromPort: port,
        toPort: port,
        ...(network.includes(":") ? { cidrIpv6: network } : { cidrIpv4: network }),
        description: `${who} on ${port}`,
      },
      { parent },
    );
  }
  const between = { ipProtocol: "tcp", fromPort: args.port, toPort: args.port };
  new SecurityGroupEgressRule(
    `${name}-lb-machines`,
    {
      ...between,
      securityGroupId: loadBalancer.id,
      referencedSecurityGroupId: machines.id,
      description: "to the machines",
    },
    { parent },
  );
  new SecurityGroupIngressRule(
    `${name}-machines-lb`,
    {
      ...between,
      securityGroupId: machines.id,
      referencedSecurityGroupId: loadBalancer.id,
      description: "from the load balancer",
    },
    { parent },
  );
  for (const port of [80, 443]) {
    new SecurityGroupEgressRule(
      `${name}-machines-out-${port}`,
      {
        securityGroupId: machines.id,
        ipProtocol: "tcp",
        fromPort: port,
        toPort: port,
        cidrIpv4: "0.0.0.0/0",
        description: port === 80 ? "package mirrors" : "AWS and package mirrors",
      },
      { parent },
    );
  }
  return { loadBalancer, machines };
}
