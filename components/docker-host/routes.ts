import { ListenerRule } from "@pulumi/aws/lb/listenerRule";
import { TargetGroup } from "@pulumi/aws/lb/targetGroup";
import { SecurityGroupEgressRule } from "@pulumi/aws/vpc/securityGroupEgressRule";
import { SecurityGroupIngressRule } from "@pulumi/aws/vpc/securityGroupIngressRule";
import type * as pulumi from "@pulumi/pulumi";
import { transformed } from "../shared/transform";
import type { DockerHostArgs } from "./args";
import { routeKey } from "./declaration";

/**
 * A target group for each routed port, a rule of the listener in front of it, and the way from the load balancer to both
 * ports that the container may be on. Hosts register their ports themselves, so no machine is attached here.
 */
export function makeRoutes(
  name: string,
  args: DockerHostArgs,
  securityGroupId: pulumi.Input<string>,
  parent: pulumi.Resource,
): Record<string, TargetGroup> {
  const { loadBalancer } = args;
  const made: Record<string, TargetGroup> = {};
  if (!loadBalancer) return made;
  for (const [container, { ports = [] }] of Object.entries(args.containers)) {
    for (const { container: port, host, route } of ports) {
      if (!route || host === undefined) continue;
      const child = `${name}-${container}-${port}`;
      const group = new TargetGroup(
        ...transformed(
          args.transform?.targetGroup,
          child,
          {
            port: host,
            protocol: "HTTP",
            vpcId: args.network.vpcId,
            targetType: "instance",
            deregistrationDelay: args.deregistrationDelaySeconds ?? 30,
            healthCheck: {
              path: route.healthPath,
              port: "traffic-port",
              matcher: "200",
              interval: 5,
              timeout: 3,
            },
            tags: { ...args.tags, Name: child },
          },
          { parent },
        ),
      );
      new ListenerRule(
        child,
        {
          listenerArn: loadBalancer.listenerArn,
          priority: route.priority,
          actions: [{ type: "forward", targetGroupArn: group.arn }],
          conditions: [
            ...(route.paths?.length ? [{ pathPattern: { values: [...route.paths] } }] : []),
            ...(route.hosts?.length ? [{ hostHeader: { values: [...route.hosts] } }] : []),
          ],
          tags: { ...args.tags },
        },
        { parent },
      );
      const between = { ipProtocol: "tcp", fromPort: host, toPort: host + 1 };
      new SecurityGroupIngressRule(
        child,
        {
          ...between,
          securityGroupId,
          referencedSecurityGroupId: loadBalancer.securityGroupId,
          description: `load balancer to ${container}`,
        },
        { parent },
      );
      new SecurityGroupEgressRule(
        child,
        {
          ...between,
          securityGroupId: loadBalancer.securityGroupId,
          referencedSecurityGroupId: securityGroupId,
          description: `to ${container} of ${name}`,
        },
        { parent },
      );
      made[routeKey(container, port)] = group;
    }
  }
  return made;
}
