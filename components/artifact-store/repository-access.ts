/** Who reaches a repository: its clients the load balancer, the load balancer the machine, the machine what it is made of. */
import { SecurityGroup } from "@pulumi/aws/ec2/securityGroup";
import { Listener } from "@pulumi/aws/lb/listener";
import { LoadBalancer } from "@pulumi/aws/lb/loadBalancer";
import { TargetGroup } from "@pulumi/aws/lb/targetGroup";
import { SecurityGroupEgressRule } from "@pulumi/aws/vpc/securityGroupEgressRule";
import { SecurityGroupIngressRule } from "@pulumi/aws/vpc/securityGroupIngressRule";
import type * as pulumi from "@pulumi/pulumi";
import { makeAccessLogs } from "../shared/access-logs";
import { Doors } from "../shared/doors";
import type { RepositoryArgs } from "./args";
import type { Share } from "./share";

export const REPOSITORY_PORT = 8080;

/** What reaches the machine, and what it reaches. */
export function machineSecurity(
  name: string,
  args: RepositoryArgs,
  share: Share,
  parent: pulumi.Resource,
): SecurityGroup {
  const group = new SecurityGroup(
    `${name}-machine`,
    {
      vpcId: args.network.vpcId,
      description: `Machine of ${name}`,
      tags: { ...args.tags, Name: `${name}-machine` },
    },
    { parent },
  );
  share.doors.open(`${name}-machine`, group.id);
  for (const port of [80, 443]) {
    new SecurityGroupEgressRule(
      `${name}-out-${port}`,
      {
        securityGroupId: group.id,
        ipProtocol: "tcp",
        fromPort: port,
        toPort: port,
        cidrIpv4: "0.0.0.0/0",
        description: port === 80 ? "package mirrors" : "AWS and package mirrors",
      },
      { parent },
    );
  }
  return group;
}

/** The only way in: an internal load balancer, for those who are let in. */
export function makeBalancer(
  name: string,
  args: RepositoryArgs,
  machine: SecurityGroup,
  parent: pulumi.Resource,
): { doors: Doors; targetGroup: TargetGroup; loadBalancer: LoadBalancer } {
  const tags = { ...args.tags, Name: name };
  const port = args.certificateArn ? 443 : 80;
  const doors = new Doors(name, port, args.network, args.tags, parent);
  for (const [index, cidrIpv4] of (args.clients ?? []).entries()) {
    new SecurityGroupIngressRule(
      `${name}-client-${index}`,
      {
        securityGroupId: doors.group.id,
        ipProtocol: "tcp",
        fromPort: port,
        toPort: port,
        cidrIpv4,
        description: `clients in ${cidrIpv4}`,
      },
      { parent },
    );
  }
  const between = { ipProtocol: "tcp", fromPort: REPOSITORY_PORT, toPort: REPOSITORY_PORT };
  new SecurityGroupIngressRule(
    `${name}-balancer`,
    {
      ...between,
      securityGroupId: machine.id,
      referencedSecurityGroupId: doors.group.id,
      description: "from the load balancer",
    },
    { parent },
  );
  new SecurityGroupEgressRule(
    `${name}-balancer`,
    {
      ...between,
      securityGroupId: doors.group.id,
      referencedSecurityGroupId: machine.id,
      description: "to the machine",
    },
    { parent },
  );
  const logs = args.protected ? makeAccessLogs(name, args.tags, parent) : undefined;
  const loadBalancer = new LoadBalancer(
    name,
    {
      internal: true,
      loadBalancerType: "application",
      subnets: args.network.subnetIds.app,
      securityGroups: [doors.group.id],
      dropInvalidHeaderFields: true,
      enableDeletionProtection: args.protected ?? false,
      idleTimeout: 300,
      ...(logs && { accessLogs: { bucket: logs.bucket.id, enabled: true } }),
      tags,
    },
    { parent, dependsOn: logs?.ready ?? [] },
  );
  const targetGroup = new TargetGroup(
    name,
    {
      port: REPOSITORY_PORT,
      protocol: "HTTP",
      vpcId: args.network.vpcId,
      deregistrationDelay: 30,
      // The front page of the program itself: it answers when the repository is open.
      healthCheck: { path: "/", matcher: "200", interval: 10, timeout: 5 },
      tags,
    },
    { parent },
  );
  new Listener(
    name,
    {
      loadBalancerArn: loadBalancer.arn,
      port,
      protocol: args.certificateArn ? "HTTPS" : "HTTP",
      ...(args.certificateArn && {
        certificateArn: args.certificateArn,
        sslPolicy: "ELBSecurityPolicy-TLS13-1-2-2021-06",
      }),
      defaultActions: [{ type: "forward", targetGroupArn: targetGroup.arn }],
      tags,
    },
    { parent },
  );
  return { doors, targetGroup, loadBalancer };
}
