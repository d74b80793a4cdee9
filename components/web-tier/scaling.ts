import type { Group } from "@pulumi/aws/autoscaling/group";
import { Policy } from "@pulumi/aws/autoscaling/policy";
import { Schedule } from "@pulumi/aws/autoscaling/schedule";
import type { LoadBalancer } from "@pulumi/aws/lb/loadBalancer";
import * as pulumi from "@pulumi/pulumi";
import type { AutoscalingWebTierArgs } from "./args";
import type { Fleet } from "./fleet";

/**
 * What sizes the live fleet: targets and the clock. Only the live one has it: a standby without requests would be
 * scaled in, and a rollback would land on too few machines. `opts` makes it follow the traffic.
 */
export function makeScaling(
  name: string,
  args: AutoscalingWebTierArgs,
  live: { fleet: Fleet; group: Group },
  loadBalancer: LoadBalancer,
  opts: pulumi.CustomResourceOptions,
): void {
  const autoscalingGroupName = live.group.name;
  const { cpuPercent, requestsPerTarget, schedules = [] } = args.capacity;
  if (cpuPercent !== undefined) {
    new Policy(
      `${name}-cpu`,
      {
        autoscalingGroupName,
        policyType: "TargetTrackingScaling",
        targetTrackingConfiguration: {
          predefinedMetricSpecification: { predefinedMetricType: "ASGAverageCPUUtilization" },
          targetValue: cpuPercent,
        },
      },
      opts,
    );
  }
  if (requestsPerTarget !== undefined) {
    new Policy(
      `${name}-requests`,
      {
        autoscalingGroupName,
        policyType: "TargetTrackingScaling",
        targetTrackingConfiguration: {
          predefinedMetricSpecification: {
            predefinedMetricType: "ALBRequestCountPerTarget",
            resourceLabel: pulumi.interpolate`${loadBalancer.arnSuffix}/${live.fleet.targetGroupSuffix}`,
          },
          targetValue: requestsPerTarget,
        },
      },
      opts,
    );
  }
  for (const schedule of schedules) {
    new Schedule(
      `${name}-${schedule.name}`,
      {
        autoscalingGroupName,
        scheduledActionName: schedule.name,
        recurrence: schedule.cron,
        timeZone: schedule.timeZone ?? "UTC",
        minSize: schedule.min,
        maxSize: schedule.max,
        // −1 leaves the size alone; leaving it out would mean 0.
        desiredCapacity: schedule.desired ?? -1,
      },
      opts,
    );
  }
}
