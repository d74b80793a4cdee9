import * as pulumi from "@pulumi/pulumi";
import { resolved } from "../shared/outputs";
import type { AutoscalingWebTierArgs } from "./args";
import { wantedWeights } from "./swap-hook";

/** Set by whoever watches the release first and sizes the standby afterwards. */
export const REST_LATER = "RETROFIT_REST_STANDBY";

/**
 * Behind a swap: lets the fleet that served go down to `standbyMachines`. It runs after the listener is committed, where
 * a failure is no reason to fail the update: a standby that is too large costs money and nothing else.
 */
export function restHook(
  name: string,
  args: AutoscalingWebTierArgs,
  region: pulumi.Output<string>,
  owner: pulumi.Resource,
): pulumi.ResourceHookBinding {
  const machines = args.standbyMachines;
  if (machines === undefined) return {};
  const hook = new pulumi.ResourceHook(`${name}-rest`, async (update) => {
    if (process.env[REST_LATER] === "later") return;
    try {
      const { restStandby, trafficClients } = await import("./traffic");
      const clients = await trafficClients(await resolved(region));
      for (const [targetGroupArn, weight] of Object.entries(wantedWeights(update.newInputs))) {
        if (weight > 0) continue;
        const standby = { listenerArn: update.id, targetGroupArn };
        await restStandby(clients, standby, machines, (line) => void pulumi.log.info(line, owner));
      }
    } catch (error) {
      const why = (error as Error).message;
      void pulumi.log.warn(
        `The standby keeps all of its machines, since it could not be made smaller: ${why}`,
        owner,
      );
    }
  });
  return { afterUpdate: [hook] };
}
