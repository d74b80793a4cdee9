import type { LoadBalancer } from "@pulumi/aws/lb/loadBalancer";
import * as pulumi from "@pulumi/pulumi";
import { resolved } from "../shared/outputs";
import type { AutoscalingWebTierArgs } from "./args";
import type { Fleet } from "./fleet";
import { interruptible, swapSettings, withoutRepeats } from "./swap-hook";

/**
 * With `deployment: "inPlace"`: the hook that gives running machines the next release. It sits on the Auto Scaling group,
 * before the engine has it start machines from the new launch template: when it throws the group is not touched, and the
 * difference is still there for the next update.
 */
export function inPlaceHook(
  name: string,
  args: AutoscalingWebTierArgs,
  around: {
    readonly fleet: Fleet;
    readonly loadBalancer: LoadBalancer;
    readonly region: pulumi.Output<string>;
  },
  owner: pulumi.Resource,
): pulumi.ResourceHookBinding {
  const document = args.live?.document;
  if (args.deployment !== "inPlace" || document === undefined) return {};
  const hook = new pulumi.ResourceHook(`${name}-in-place`, async (update) => {
    const { DOWNTIME_WORDS, updateInPlace } = await import("./in-place");
    const { trafficClients } = await import("./traffic");
    const { SSMClient } = await import("@aws-sdk/client-ssm");
    const region = await resolved(around.region);
    const clients = {
      ...(await trafficClients(region)),
      ssm: new SSMClient({ region, retryMode: "adaptive", maxAttempts: 6 }),
    };
    const template = templateOf(update.newInputs);
    const request = {
      targetGroupArn: await resolved(around.fleet.targetGroupArn),
      loadBalancerArn: await resolved(around.loadBalancer.arn),
      wanted: await resolved(pulumi.output(document)),
      ...(template ? { template } : {}),
      acceptDowntime: process.env.RETROFIT_FORCE === DOWNTIME_WORDS,
    };
    const settings = {
      ...swapSettings(args),
      healthPath: args.healthCheck.path,
      deregistrationDelaySeconds: args.deregistrationDelaySeconds ?? 30,
    };
    const report = withoutRepeats((line) => void pulumi.log.info(line, owner));
    await interruptible(async (clock) => {
      await updateInPlace(clients, request, settings, report, clock);
    });
  });
  return { beforeUpdate: [hook] };
}

function templateOf(
  inputs: Record<string, unknown> | undefined,
): { id: string; version: string } | undefined {
  const { id, version } = (inputs?.launchTemplate ?? {}) as { id?: string; version?: string };
  return id && version ? { id, version: String(version) } : undefined;
}
