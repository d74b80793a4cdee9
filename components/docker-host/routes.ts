import { ListenerRule } from "@pulumi/aws/lb/listenerRule";
import { TargetGroup, type TargetGroupArgs } from "@pulumi/aws/lb/targetGroup";
import { SecurityGroupEgressRule } from "@pulumi/aws/vpc/securityGroupEgressRule";
import { SecurityGroupIngressRule } from "@pulumi/aws/vpc/securityGroupIngressRule";
import type * as pulumi from "@pulumi/pulumi";
import { type Transform, transformed } from "../shared/transform";
import type { DockerHostArgs, PortArgs } from "./args";
import { routeKey } from "./declaration";

/** Where requests to a container go. */
export interface RouteTarget {
  readonly targetType: "instance" | "ip";
  /** First and last port that the container may be on. */
  readonly ports: readonly [number, number];
  readonly securityGroupId: pulumi.Input<string>;
}

type RouteArgs = Pick<
  DockerHostArgs,
  "containers" | "loadBalancer" | "network" | "deregistrationDelaySeconds" | "tags"
> & { readonly transform?: { readonly targetGroup?: Transform<TargetGroupArgs> } };

/**
 * A target group for each routed port, a rule of the listener in front of it, and the way from the load balancer to where the
 * container may be. What serves registers itself, so nothing is attached here. By container and port, see `routeKey`.
 */
export function makeRoutes(
  name: string,
  args: RouteArgs,
  targetOf: (container: string, port: PortArgs) => RouteTarget | undefined,
  parent: pulumi.Resource,
): Record<string, { targetGroup: TargetGroup; rule: ListenerRule }> {
  const { loadBalancer } = args;
  const made: Record<string, { targetGroup: TargetGroup; rule: ListenerRule }> = {};
  if (!loadBalancer) return made;
  for (const [container, { ports = [] }] of Object.entries(args.containers)) {
    for (const port of ports) {
      const { route } = port;
      const target = targetOf(container, port);
      if (!route || !target) continue;
      const child = `${name}-${container}-${port.container}`;
      const [first, last] = target.ports;
      const targetGroup = new TargetGroup(
        ...transformed(
          args.transform?.targetGroup,
          child,
          {
            port: first,
            protocol: "HTTP",
            vpcId: args.network.vpcId,
            targetType: target.targetType,
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
      const rule = new ListenerRule(
        child,
        {
          listenerArn: loadBalancer.listenerArn,
          priority: route.priority,
          actions: [{ type: "forward", targetGroupArn: targetGroup.arn }],
          conditions: [
            ...(route.paths?.length ? [{ pathPattern: { values: [...route.paths] } }] : []),
            ...(route.hosts?.length ? [{ hostHeader: { values: [...route.hosts] } }] : []),
          ],
          tags: { ...args.tags },
        },
        { parent },
      );
      const between = { ipProtocol: "tcp", fromPort: first, toPort: last };
      new SecurityGroupIngressRule(
        child,
        {
          ...between,
          securityGroupId: target.securityGroupId,
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
          referencedSecurityGroupId: target.securityGroupId,
          description: `to ${container} of ${name}`,
        },
        { parent },
      );
      made[routeKey(container, port.container)] = { targetGroup, rule };
    }
  }
  return made;
}
