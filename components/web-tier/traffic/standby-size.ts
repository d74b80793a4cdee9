import { type AutoScalingGroup, UpdateAutoScalingGroupCommand } from "@aws-sdk/client-auto-scaling";
import { type Clock, type Report, systemClock, type TrafficClients } from "./clients";
import { groupOfTargetGroup } from "./fleet-state";
import { retrying } from "./retrying";
import { readServing } from "./serving";

export interface StandbyFleet {
  readonly listenerArn: string;
  readonly targetGroupArn: string;
}

/**
 * Lets a standby go down to so many machines. A fleet that gets any traffic is left as it is, and so is one that is smaller:
 * whoever made it so had a reason. Its bounds are the engine's only while it is live, so nothing raises it again.
 *
 * @returns machines that it had before and has now; undefined when nothing was changed.
 */
export async function restStandby(
  clients: Pick<TrafficClients, "elb" | "autoScaling">,
  standby: StandbyFleet,
  machines: number,
  report: Report,
  clock: Clock = systemClock,
): Promise<{ before: number; now: number } | undefined> {
  const { weights } = await retrying(() => readServing(clients, standby.listenerArn), clock);
  const share = weights[standby.targetGroupArn];
  // A group that the listener does not name is not one that this environment knows as its standby.
  if (share === undefined || share > 0) return undefined;
  const group = await retrying(() => groupOfTargetGroup(clients, standby.targetGroupArn), clock);
  const before = group?.DesiredCapacity ?? 0;
  if (!group || before <= machines) return undefined;
  await resize(clients, group, { MinSize: machines, DesiredCapacity: machines }, clock);
  report(`standby: ${before} → ${machines} machines; a rollback starts the others first`);
  return { before, now: machines };
}

/** Gives a fleet that is about to serve the bounds of a serving one again, before it gets any traffic. */
export async function prepareToServe(
  clients: Pick<TrafficClients, "autoScaling">,
  targetGroupArn: string,
  bounds: { readonly min: number; readonly max: number },
  clock: Clock = systemClock,
): Promise<void> {
  const group = await retrying(() => groupOfTargetGroup(clients, targetGroupArn), clock);
  if (!group || (group.MinSize ?? 0) >= bounds.min) return;
  const max = Math.max(group.MaxSize ?? 0, bounds.max);
  await resize(clients, group, { MinSize: bounds.min, MaxSize: max }, clock);
}

async function resize(
  clients: Pick<TrafficClients, "autoScaling">,
  { AutoScalingGroupName, MinSize = 0 }: AutoScalingGroup,
  sizes: { MinSize: number; MaxSize?: number; DesiredCapacity?: number },
  clock: Clock,
): Promise<void> {
  const min = sizes.DesiredCapacity === undefined ? sizes.MinSize : Math.min(MinSize, sizes.MinSize);
  await retrying(
    () =>
      clients.autoScaling.send(
        new UpdateAutoScalingGroupCommand({ AutoScalingGroupName, ...sizes, MinSize: min }),
      ),
    clock,
  );
}
