import { MetricAlarm } from "@pulumi/aws/cloudwatch/metricAlarm";
import type { LoadBalancer } from "@pulumi/aws/lb/loadBalancer";
import type * as pulumi from "@pulumi/pulumi";
import type { AutoscalingWebTierArgs } from "./args";
import type { Fleet } from "./fleet";

interface AlarmSpec {
  readonly suffix: string;
  readonly metric: string;
  readonly statistic: "Sum" | "Maximum" | "p99";
  readonly threshold: number;
  readonly of: "loadBalancer" | "liveFleet";
  readonly says: string;
}

/** Five of the last five minutes for what hurts slowly, as a wide net; the shift has its own, closer look. */
const ALARMS: readonly AlarmSpec[] = [
  {
    suffix: "5xx",
    metric: "HTTPCode_Target_5XX_Count",
    statistic: "Sum",
    threshold: 10,
    of: "liveFleet",
    says: "the application answers 5xx",
  },
  {
    suffix: "lb-5xx",
    metric: "HTTPCode_ELB_5XX_Count",
    statistic: "Sum",
    threshold: 10,
    of: "loadBalancer",
    says: "the load balancer finds no machine that answers",
  },
  {
    suffix: "unhealthy",
    metric: "UnHealthyHostCount",
    statistic: "Maximum",
    threshold: 0,
    of: "liveFleet",
    says: "machines fail their health check",
  },
  {
    suffix: "latency",
    metric: "TargetResponseTime",
    statistic: "p99",
    threshold: 2,
    of: "liveFleet",
    says: "answers take over 2 s (99th percentile)",
  },
];

export function makeAlarms(
  name: string,
  args: AutoscalingWebTierArgs,
  live: Fleet | undefined,
  loadBalancer: LoadBalancer,
  opts: pulumi.CustomResourceOptions,
): MetricAlarm[] {
  const specs = ALARMS.filter((alarm) => alarm.of === "loadBalancer" || live);
  return specs.map((alarm) => {
    const dimensions: Record<string, pulumi.Input<string>> = { LoadBalancer: loadBalancer.arnSuffix };
    if (alarm.of === "liveFleet" && live) dimensions.TargetGroup = live.targetGroupSuffix;
    return new MetricAlarm(
      `${name}-${alarm.suffix}`,
      {
        alarmDescription: `${name}: ${alarm.says}.`,
        namespace: "AWS/ApplicationELB",
        metricName: alarm.metric,
        ...(alarm.statistic === "p99" ? { extendedStatistic: "p99" } : { statistic: alarm.statistic }),
        dimensions,
        period: 60,
        evaluationPeriods: 5,
        datapointsToAlarm: 3,
        comparisonOperator: "GreaterThanThreshold",
        threshold: alarm.threshold,
        // No requests, no numbers: a quiet service is not a sick one.
        treatMissingData: "notBreaching",
        alarmActions: [...(args.alarmTopicArns ?? [])],
        okActions: [...(args.alarmTopicArns ?? [])],
        tags: { ...args.tags },
      },
      opts,
    );
  });
}
