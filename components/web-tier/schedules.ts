import type { Group } from "@pulumi/aws/autoscaling/group";
import { Schedule } from "@pulumi/aws/autoscaling/schedule";
import * as pulumi from "@pulumi/pulumi";
import type { ScheduleArgs } from "./args";

/**
 * Sizes by the clock, on the fleet that has the traffic. A schedule moves the bounds; within them the demand decides, so the two
 * never pull in different directions. `desired`, where it is given, is the size to begin with.
 */
export function makeSchedules(
  name: string,
  schedules: readonly ScheduleArgs[],
  live: Group,
  hook: pulumi.ResourceHook,
  opts: pulumi.CustomResourceOptions,
): void {
  for (const schedule of schedules) {
    new Schedule(
      `${name}-${schedule.name}`,
      {
        autoscalingGroupName: live.name,
        scheduledActionName: schedule.name,
        recurrence: schedule.cron,
        timeZone: schedule.timeZone ?? "UTC",
        minSize: schedule.min,
        maxSize: schedule.max,
        // −1 leaves the size alone; leaving it out would mean 0.
        desiredCapacity: schedule.desired ?? -1,
      },
      // Before, so that an update that failed here does it again.
      { ...opts, hooks: { beforeCreate: [hook], beforeUpdate: [hook] } },
    );
  }
}

/**
 * Puts the schedule into force whose time has come last, on the fleet that is named. Auto Scaling acts at the minute and
 * never afterwards, so a fleet that is new, or was standby then, would keep other bounds until the next time.
 */
export function scheduleHook(
  name: string,
  schedules: readonly ScheduleArgs[],
  region: pulumi.Output<string>,
  owner: pulumi.Resource,
): pulumi.ResourceHook {
  return new pulumi.ResourceHook(`${name}-schedules`, async (hook) => {
    const group = (hook.newOutputs?.name ?? hook.newInputs?.autoscalingGroupName) as string | undefined;
    if (!group) return;
    const { applyScheduleInForce, trafficClients } = await import("./traffic");
    const where = await new Promise<string>((resolve) => region.apply(resolve));
    const report = (line: string) => void pulumi.log.info(line, owner);
    await applyScheduleInForce(await trafficClients(where), group, schedules, report);
  });
}
