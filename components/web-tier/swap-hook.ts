import * as pulumi from "@pulumi/pulumi";
import type { AutoscalingWebTierArgs } from "./args";
import type { SwapSettings, Weights } from "./traffic";

export const SHIFT_DEFAULTS = {
  steps: [10, 50, 100],
  waitSeconds: 60,
  healthyPolls: 3,
  pollSeconds: 5,
  healthTimeoutSeconds: 900,
  maxErrorPercent: 1,
  minRequests: 20,
  alarms: [],
} as const;

/**
 * The hook that every gate sits on. It runs before the engine changes the production listener, the one edge
 * that can hurt users; when it throws, the provider is not called, nothing is deleted, and the difference is still
 * there for the next update. An `after` hook would not do: the engine has committed the resource by then.
 */
export function swapHook(
  name: string,
  args: AutoscalingWebTierArgs,
  testUrl: pulumi.Output<string>,
  region: pulumi.Output<string>,
  owner: pulumi.Resource,
): pulumi.ResourceHook {
  return new pulumi.ResourceHook(`${name}-gates`, async (hook) => {
    // Loaded here: a preview, and an update that moves nothing, should not pay for the AWS SDK.
    const { runSwap, trafficClients } = await import("./traffic");
    const clients = await trafficClients(await resolved(region));
    // Attached to the tier, since a message about the listener would wait for the very update that is held here.
    const report = (line: string) => void pulumi.log.info(line, owner);
    const request = {
      listenerArn: hook.id || undefined,
      wanted: wantedWeights(hook.newInputs),
      testUrl: await resolved(testUrl),
    };
    await runSwap(clients, request, swapSettings(args), report);
  });
}

export function swapSettings(args: AutoscalingWebTierArgs): SwapSettings {
  return {
    ...SHIFT_DEFAULTS,
    ...Object.fromEntries(Object.entries(args.shift ?? {}).filter(([, value]) => value !== undefined)),
    smoke: args.smoke,
    ...(args.hostname === undefined ? {} : { hostname: args.hostname }),
  };
}

interface ForwardInputs {
  type?: string;
  targetGroupArn?: string;
  forward?: { targetGroups?: { arn: string; weight?: number }[] };
}

/** Weights that a listener's inputs ask for; none for a fixed response or a redirect. */
export function wantedWeights(inputs: Record<string, unknown> | undefined): Weights {
  const weights: Record<string, number> = {};
  for (const action of (inputs?.defaultActions ?? []) as ForwardInputs[]) {
    if (action.type !== "forward") continue;
    for (const { arn, weight } of action.forward?.targetGroups ?? []) weights[arn] = weight ?? 1;
    if (!action.forward && action.targetGroupArn) weights[action.targetGroupArn] = 1;
  }
  return weights;
}

function resolved<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => output.apply(resolve));
}
