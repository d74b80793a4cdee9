import { Listener, type ListenerArgs } from "@pulumi/aws/lb/listener";
import { LoadBalancer } from "@pulumi/aws/lb/loadBalancer";
import type * as pulumi from "@pulumi/pulumi";
import { makeAccessLogs } from "../shared/access-logs";
import { transformed } from "../shared/transform";
import type { AutoscalingWebTierArgs } from "./args";
import type { Fleet } from "./fleet";

/** TLS 1.2 and 1.3 with forward secrecy; AWS's recommended policy. */
const TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-2021-06";

export function makeLoadBalancer(
  name: string,
  args: AutoscalingWebTierArgs,
  securityGroupId: pulumi.Input<string>,
  parent: pulumi.Resource,
): LoadBalancer {
  const logs = args.protected ? makeAccessLogs(name, args.tags, parent) : undefined;
  return new LoadBalancer(
    ...transformed(
      args.transform?.loadBalancer,
      name,
      {
        loadBalancerType: "application",
        internal: false,
        securityGroups: [securityGroupId],
        subnets: args.network.subnetIds.public,
        dropInvalidHeaderFields: true,
        enableDeletionProtection: args.protected ?? false,
        ...(logs ? { accessLogs: { bucket: logs.bucket.id, enabled: true } } : {}),
        tags: { ...args.tags, Name: name },
      },
      { parent, dependsOn: logs?.ready ?? [] },
    ),
  );
}

type Actions = ListenerArgs["defaultActions"];

/**
 * Everything to the live fleet, nothing to the standby. The standby is named all the same, with weight 0, so that
 * its health checks go on and a rollback finds it known to be healthy. Sticky sessions are off and cannot be turned on:
 * a user's session lives in the session store, not on a machine.
 */
export function forwardTo(live: Fleet | undefined, standby: Fleet | undefined): Actions {
  if (!live) {
    return [
      {
        type: "fixed-response",
        fixedResponse: {
          statusCode: "503",
          contentType: "text/plain",
          messageBody: "No release is live yet.",
        },
      },
    ];
  }
  const targetGroups = [{ arn: live.targetGroupArn, weight: 100 }];
  if (standby) targetGroups.push({ arn: standby.targetGroupArn, weight: 0 });
  return [{ type: "forward", forward: { targetGroups } }];
}

export interface ListenerSpec {
  readonly name: string;
  readonly loadBalancer: LoadBalancer;
  readonly port: number;
  readonly certificateArn?: pulumi.Input<string>;
  readonly actions: Actions;
  readonly transform?: AutoscalingWebTierArgs["transform"] extends infer T
    ? T extends { listener?: infer L }
      ? L
      : never
    : never;
}

export function makeListener(
  spec: ListenerSpec,
  tags: pulumi.Input<Record<string, string>> | undefined,
  opts: pulumi.CustomResourceOptions,
) {
  return new Listener(
    ...transformed(
      spec.transform,
      spec.name,
      {
        loadBalancerArn: spec.loadBalancer.arn,
        port: spec.port,
        ...(spec.certificateArn === undefined
          ? { protocol: "HTTP" }
          : { protocol: "HTTPS", certificateArn: spec.certificateArn, sslPolicy: TLS_POLICY }),
        defaultActions: spec.actions,
        tags: tags ?? {},
      },
      opts,
    ),
  );
}

export const redirectToHttps: Actions = [
  { type: "redirect", redirect: { protocol: "HTTPS", port: "443", statusCode: "HTTP_301" } },
];
