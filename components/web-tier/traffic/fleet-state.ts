import {
  type AutoScalingGroup,
  DescribeAutoScalingGroupsCommand,
  DescribeScalingActivitiesCommand,
  SetDesiredCapacityCommand,
  UpdateAutoScalingGroupCommand,
} from "@aws-sdk/client-auto-scaling";
import {
  DescribeTargetHealthCommand,
  type DescribeTargetHealthCommandOutput,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { MAXIMUM_TAG } from "../names";
import type { TrafficClients } from "./clients";

/** One look at a fleet: its group's machines and what the load balancer says of each. */
export interface FleetState {
  readonly group: string;
  readonly desired: number;
  readonly min: number;
  readonly max: number;
  /** Most machines that config allows. Above `max` while a schedule keeps the group smaller. */
  readonly limit: number;
  /** Machines that the group counts as in service. */
  readonly inService: string[];
  /** Machines in service that the load balancer calls healthy. */
  readonly healthy: string[];
  /** State by machine for all others, e.g. `initial`, `unhealthy (Target.FailedHealthChecks)`, `not registered`, `Pending`. */
  readonly waitingFor: Readonly<Record<string, string>>;
}

function tagOf(group: AutoScalingGroup, key: string): string | undefined {
  return group.Tags?.find((tag) => tag.Key === key)?.Value;
}

/** The Auto Scaling group whose machines register in a target group, or undefined. */
export async function groupOfTargetGroup(
  clients: Pick<TrafficClients, "autoScaling">,
  targetGroupArn: string,
): Promise<AutoScalingGroup | undefined> {
  let token: string | undefined;
  do {
    const page = await clients.autoScaling.send(new DescribeAutoScalingGroupsCommand({ NextToken: token }));
    const found = page.AutoScalingGroups?.find((group) => group.TargetGroupARNs?.includes(targetGroupArn));
    if (found) return found;
    token = page.NextToken;
  } while (token);
  return undefined;
}

/**
 * Joins the group's machines with the load balancer's view of them. A machine that is missing from the
 * load balancer's answer is *not* ready: the provider's own wait counts it as fine, which is how broken
 * fleets get traffic.
 */
export async function readFleet(
  clients: Pick<TrafficClients, "elb" | "autoScaling">,
  targetGroupArn: string,
): Promise<FleetState | undefined> {
  const [group, health] = await Promise.all([
    groupOfTargetGroup(clients, targetGroupArn),
    targetHealth(clients, targetGroupArn),
  ]);
  if (!group || !health) return undefined;
  const byId = new Map(
    (health.TargetHealthDescriptions ?? []).map((target) => [target.Target?.Id ?? "", target.TargetHealth]),
  );
  const inService: string[] = [];
  const healthy: string[] = [];
  const waitingFor: Record<string, string> = {};
  for (const machine of group.Instances ?? []) {
    const id = machine.InstanceId ?? "";
    if (machine.LifecycleState !== "InService") {
      waitingFor[id] = machine.LifecycleState ?? "unknown";
      continue;
    }
    inService.push(id);
    const target = byId.get(id);
    if (target?.State === "healthy") healthy.push(id);
    else if (!target) waitingFor[id] = "not registered";
    else
      waitingFor[id] =
        target.State === "unhealthy" && target.Reason
          ? `unhealthy (${target.Reason})`
          : (target.State ?? "unknown");
  }
  return {
    group: group.AutoScalingGroupName ?? "",
    desired: group.DesiredCapacity ?? 0,
    min: group.MinSize ?? 0,
    max: group.MaxSize ?? 0,
    limit: Math.max(group.MaxSize ?? 0, Number(tagOf(group, MAXIMUM_TAG)) || 0),
    inService,
    healthy,
    waitingFor,
  };
}

/** What the load balancer says of a group's machines; undefined when the group is gone, as after a delete that was killed. */
async function targetHealth(
  { elb }: Pick<TrafficClients, "elb">,
  TargetGroupArn: string,
): Promise<DescribeTargetHealthCommandOutput | undefined> {
  try {
    return await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
  } catch (error) {
    if (/^TargetGroupNotFound/.test((error as Error).name)) return undefined;
    throw error;
  }
}

/** `3/4 healthy, 1 initial`: the line that people watch. */
export function describeFleet(fleet: FleetState, needed: number): string {
  const counts = new Map<string, number>();
  for (const state of Object.values(fleet.waitingFor)) counts.set(state, (counts.get(state) ?? 0) + 1);
  const missing =
    needed -
    fleet.inService.length -
    Object.keys(fleet.waitingFor).filter((id) => !fleet.inService.includes(id)).length;
  if (missing > 0) counts.set("to be launched", missing);
  const rest = [...counts].map(([state, count]) => `${count} ${state}`);
  return [`${fleet.healthy.length}/${needed} healthy`, ...rest].join(", ");
}

/**
 * Sets the size of a group; never asked to go down, and never above what config allows. A group that was standby while a schedule
 * kept it small gets the room it needs; the schedule that is in force has it back once it serves.
 */
export async function raiseCapacity(
  clients: Pick<TrafficClients, "autoScaling">,
  fleet: FleetState,
  wanted: number,
): Promise<number> {
  const size = Math.min(Math.max(wanted, fleet.min), fleet.limit);
  if (size <= fleet.desired) return fleet.desired;
  const sized = { AutoScalingGroupName: fleet.group, DesiredCapacity: size };
  if (size > fleet.max) {
    await clients.autoScaling.send(new UpdateAutoScalingGroupCommand({ ...sized, MaxSize: size }));
  } else {
    await clients.autoScaling.send(new SetDesiredCapacityCommand({ ...sized, HonorCooldown: false }));
  }
  return size;
}

/** Messages of launches that failed since a moment (seconds since 1970), newest first. */
export async function failedLaunches(
  clients: Pick<TrafficClients, "autoScaling">,
  group: string,
  since: number,
): Promise<string[]> {
  const answer = await clients.autoScaling.send(
    new DescribeScalingActivitiesCommand({ AutoScalingGroupName: group, MaxRecords: 20 }),
  );
  return (answer.Activities ?? [])
    .filter(
      (activity) => activity.StatusCode === "Failed" && (activity.StartTime?.getTime() ?? 0) / 1000 >= since,
    )
    .map((activity) => activity.StatusMessage ?? activity.Description ?? "no reason given");
}
