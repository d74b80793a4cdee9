import {
  DescribeAutoScalingGroupsCommand,
  UpdateAutoScalingGroupCommand,
} from "@aws-sdk/client-auto-scaling";
import { CronExpressionParser } from "cron-parser";
import { type Clock, type Report, systemClock, type TrafficClients } from "./clients";

/** Bounds from a point in time on, until the next schedule's. */
export interface Bounds {
  readonly name: string;
  /** Five fields. */
  readonly cron: string;
  /** IANA name. Default `UTC`. */
  readonly timeZone?: string;
  readonly min: number;
  readonly max: number;
}

export interface InForce<S extends Bounds> {
  readonly schedule: S;
  /** Since when, in seconds since 1970. */
  readonly since: number;
}

/** The schedule whose time came last before `now` (seconds since 1970); none where there are none. */
export function scheduleInForce<S extends Bounds>(
  schedules: readonly S[],
  now: number,
): InForce<S> | undefined {
  let found: InForce<S> | undefined;
  for (const schedule of schedules) {
    const since = lastTime(schedule, now);
    if (since !== undefined && since >= (found?.since ?? Number.NEGATIVE_INFINITY))
      found = { schedule, since };
  }
  return found;
}

function lastTime({ cron, timeZone = "UTC" }: Bounds, now: number): number | undefined {
  // The parser looks strictly before the moment it is given; the very second counts as reached.
  const currentDate = new Date((Math.floor(now) + 1) * 1000);
  try {
    return CronExpressionParser.parse(cron, { tz: timeZone, currentDate }).prev().getTime() / 1000;
  } catch {
    // A date that never comes, such as 30 February: Auto Scaling never acts on it either.
    return undefined;
  }
}

/** Gives a group the bounds of the schedule in force. Its size changes only where it is outside of them. */
export async function applyScheduleInForce(
  clients: Pick<TrafficClients, "autoScaling">,
  group: string,
  schedules: readonly Bounds[],
  report: Report,
  clock: Pick<Clock, "now"> = systemClock,
): Promise<"applied" | "nothing to do"> {
  const found = scheduleInForce(schedules, clock.now());
  if (!found) return "nothing to do";
  const { name, min, max } = found.schedule;
  const answer = await clients.autoScaling.send(
    new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [group] }),
  );
  const now = answer.AutoScalingGroups?.[0];
  if (!now || (now.MinSize === min && now.MaxSize === max)) return "nothing to do";
  await clients.autoScaling.send(
    new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: group, MinSize: min, MaxSize: max }),
  );
  const since = `${new Date(found.since * 1000).toISOString().slice(0, 16).replace("T", " ")} UTC`;
  report(`schedule: ${name} is in force since ${since}: ${min} to ${max} machines`);
  return "applied";
}
