import {
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  type MetricDataQuery,
} from "@aws-sdk/client-cloudwatch";
import type { TrafficClients } from "./clients";
import { loadBalancerDimension, targetGroupDimension } from "./serving";

/** What CloudWatch says of one target group over a window. */
export interface TrafficReading {
  readonly requests: number;
  /** Answers 5xx from the machines plus connections they refused. */
  readonly errors: number;
  /** 99th percentile of the answer time in seconds, worst period of the window; undefined without requests. */
  readonly latencySeconds?: number;
}

const MEASURES = [
  { id: "requests", metric: "RequestCount", stat: "Sum" },
  { id: "errors", metric: "HTTPCode_Target_5XX_Count", stat: "Sum" },
  { id: "refused", metric: "TargetConnectionErrorCount", stat: "Sum" },
  { id: "latency", metric: "TargetResponseTime", stat: "p99" },
] as const;

/**
 * Reads a target group's numbers since a moment. CloudWatch keeps them by the minute, so the window starts
 * at the full minute before `since`.
 */
export async function readTraffic(
  clients: Pick<TrafficClients, "cloudWatch">,
  at: { listenerArn: string; targetGroupArn: string },
  since: number,
  now: number,
): Promise<TrafficReading> {
  const dimensions = [
    { Name: "LoadBalancer", Value: loadBalancerDimension(at.listenerArn) },
    { Name: "TargetGroup", Value: targetGroupDimension(at.targetGroupArn) },
  ];
  const queries: MetricDataQuery[] = MEASURES.map(({ id, metric, stat }) => ({
    Id: id,
    MetricStat: {
      Metric: { Namespace: "AWS/ApplicationELB", MetricName: metric, Dimensions: dimensions },
      Period: 60,
      Stat: stat,
    },
  }));
  const answer = await clients.cloudWatch.send(
    new GetMetricDataCommand({
      MetricDataQueries: queries,
      StartTime: new Date(Math.floor(since / 60) * 60_000),
      // The end is exclusive, so the minute under way needs the one after it.
      EndTime: new Date((Math.floor(now / 60) + 1) * 60_000),
    }),
  );
  const values = (id: string) => answer.MetricDataResults?.find((result) => result.Id === id)?.Values ?? [];
  const sum = (id: string) => values(id).reduce((total, value) => total + value, 0);
  const latencies = values("latency");
  return {
    requests: sum("requests"),
    errors: sum("errors") + sum("refused"),
    ...(latencies.length > 0 ? { latencySeconds: Math.max(...latencies) } : {}),
  };
}

export function errorPercent(reading: TrafficReading): number {
  return reading.requests === 0 ? 0 : (reading.errors * 100) / reading.requests;
}

/** Names of those alarms that are in state ALARM, composite ones included. */
export async function firingAlarms(
  clients: Pick<TrafficClients, "cloudWatch">,
  names: readonly string[],
): Promise<string[]> {
  if (names.length === 0) return [];
  const answer = await clients.cloudWatch.send(
    new DescribeAlarmsCommand({
      AlarmNames: [...names],
      StateValue: "ALARM",
      AlarmTypes: ["MetricAlarm", "CompositeAlarm"],
    }),
  );
  return [...(answer.MetricAlarms ?? []), ...(answer.CompositeAlarms ?? [])].map(
    (alarm) => alarm.AlarmName ?? "?",
  );
}
