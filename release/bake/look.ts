import { DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import {
  errorPercent,
  readTraffic,
  type TrafficClients,
  type TrafficReading,
} from "../../components/web-tier/traffic";
import type { ShiftConfig } from "../../stacks/config";

/** An alarm that fires, with the figures that CloudWatch gives for it. */
export interface FiringAlarm {
  readonly name: string;
  readonly reason: string;
}

/** What is seen of a release that is live, at one moment. */
export interface Look {
  readonly firing: readonly FiringAlarm[];
  readonly reading: TrafficReading;
}

export type Limits = Pick<ShiftConfig, "maxErrorPercent" | "minRequests" | "maxLatencySeconds">;

export async function look(
  clients: Pick<TrafficClients, "cloudWatch">,
  at: { listenerArn: string; targetGroupArn: string },
  alarms: readonly string[],
  since: number,
): Promise<Look> {
  const [firing, reading] = await Promise.all([
    firingAlarms(clients, alarms),
    readTraffic(clients, at, since, Date.now() / 1000),
  ]);
  return { firing, reading };
}

async function firingAlarms(
  clients: Pick<TrafficClients, "cloudWatch">,
  names: readonly string[],
): Promise<FiringAlarm[]> {
  const found: FiringAlarm[] = [];
  // The API takes a hundred names at a time.
  for (let from = 0; from < names.length; from += 100) {
    const answer = await clients.cloudWatch.send(
      new DescribeAlarmsCommand({
        AlarmNames: names.slice(from, from + 100),
        StateValue: "ALARM",
        AlarmTypes: ["MetricAlarm", "CompositeAlarm"],
      }),
    );
    for (const alarm of [...(answer.MetricAlarms ?? []), ...(answer.CompositeAlarms ?? [])]) {
      if (alarm.StateValue !== "ALARM") continue;
      found.push({ name: alarm.AlarmName ?? "?", reason: alarm.StateReason ?? "no reason given" });
    }
  }
  return found;
}

/** Why a release may not stay live, with the figures; undefined while nothing speaks against it. */
export function verdict(
  { firing, reading }: Look,
  /** Alarms that fired before the release was watched: not its fault. */
  former: ReadonlySet<string>,
  limits: Limits,
): string | undefined {
  const news = firing.filter(({ name }) => !former.has(name));
  if (news.length > 0) {
    return news.map(({ name, reason }) => `the alarm ${name} fired (${reason})`).join(", and ");
  }
  if (reading.requests < limits.minRequests) return undefined;
  const percent = errorPercent(reading);
  if (percent > limits.maxErrorPercent) {
    return `${reading.errors} of ${reading.requests} requests failed (${percent.toFixed(1)} %, allowed ${limits.maxErrorPercent} %)`;
  }
  const { latencySeconds = 0 } = reading;
  if (limits.maxLatencySeconds !== undefined && latencySeconds > limits.maxLatencySeconds) {
    return `answers took ${latencySeconds.toFixed(2)} s (99th percentile, allowed ${limits.maxLatencySeconds} s)`;
  }
  return undefined;
}
