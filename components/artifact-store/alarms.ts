import { MetricAlarm } from "@pulumi/aws/cloudwatch/metricAlarm";
import type * as pulumi from "@pulumi/pulumi";
import type { CommonStoreArgs } from "./args";

export interface StoreAlarm {
  readonly suffix: string;
  readonly namespace: string;
  readonly metric: string;
  readonly statistic: "Maximum" | "Minimum" | "Sum" | "Average";
  readonly dimensions: Record<string, pulumi.Input<string>>;
  readonly threshold: number;
  readonly below?: boolean;
  /** Seconds of a point, and points in a row that it takes. Default five of a minute. */
  readonly period?: number;
  readonly points?: number;
  /** Reads after "<store>: ". */
  readonly says: string;
}

/** Makes the alarms of a store; silence is no fault in any of them. Gives their names. */
export function makeAlarms(
  name: string,
  args: CommonStoreArgs,
  alarms: readonly StoreAlarm[],
  parent: pulumi.Resource,
): pulumi.Output<string>[] {
  const actions = [...(args.alarmTopicArns ?? [])];
  return alarms.map(
    (alarm) =>
      new MetricAlarm(
        `${name}-${alarm.suffix}`,
        {
          alarmDescription: `${name}: ${alarm.says}.`,
          namespace: alarm.namespace,
          metricName: alarm.metric,
          statistic: alarm.statistic,
          dimensions: alarm.dimensions,
          period: alarm.period ?? 60,
          evaluationPeriods: alarm.points ?? 5,
          datapointsToAlarm: alarm.points ?? 5,
          comparisonOperator: alarm.below ? "LessThanThreshold" : "GreaterThanThreshold",
          threshold: alarm.threshold,
          treatMissingData: "notBreaching",
          alarmActions: actions,
          okActions: actions,
          tags: { ...args.tags },
        },
        { parent },
      ).name,
  );
}
