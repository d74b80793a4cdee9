import { MetricAlarm } from "@pulumi/aws/cloudwatch/metricAlarm";
import type * as pulumi from "@pulumi/pulumi";
import { connectionLimit } from "./parameters";

const GIB = 1024 ** 3;

interface AlarmSpec {
  readonly suffix: string;
  readonly metric: string;
  readonly comparison: "GreaterThanThreshold" | "LessThanThreshold";
  readonly threshold: number;
  readonly says: string;
  /** Silence is a fault of its own where something must be reported all the time. */
  readonly silence?: "breaching";
}

export interface Watched {
  readonly instanceClass: string;
  readonly storageGb: number;
  readonly replica: boolean;
  readonly maxConnections?: number;
}

/** What is watched of an instance. */
export function alarmSpecs(watched: Watched): AlarmSpec[] {
  const { instanceClass, storageGb, replica } = watched;
  const limit = connectionLimit(instanceClass);
  const connections = watched.maxConnections ?? (limit && Math.floor(limit * 0.8));
  const freeGb = Math.max(2, storageGb * 0.1);
  return [
    {
      suffix: "cpu",
      metric: "CPUUtilization",
      comparison: "GreaterThanThreshold",
      threshold: 80,
      says: "the processor is over 80 %",
    },
    {
      suffix: "storage",
      metric: "FreeStorageSpace",
      comparison: "LessThanThreshold",
      threshold: freeGb * GIB,
      says: `less than ${freeGb} GiB of disk are free`,
    },
    ...(connections === undefined
      ? []
      : [
          {
            suffix: "connections",
            metric: "DatabaseConnections",
            comparison: "GreaterThanThreshold",
            threshold: connections,
            says: `more than ${connections} connections are open`,
          } as const,
        ]),
    ...(replica
      ? [
          {
            suffix: "lag",
            metric: "ReplicaLag",
            comparison: "GreaterThanThreshold",
            threshold: 30,
            says: "the replica is more than 30 s behind, or silent",
            silence: "breaching",
          } as const,
        ]
      : []),
  ];
}

/** Makes the alarms of an instance; gives them by suffix. */
export function makeDatabaseAlarms(
  name: string,
  watched: Watched & { identifier: pulumi.Input<string> },
  more: { topics: readonly pulumi.Input<string>[]; tags: Record<string, string> },
  parent: pulumi.Resource,
): Map<string, MetricAlarm> {
  return new Map(
    alarmSpecs(watched).map((alarm) => [
      alarm.suffix,
      new MetricAlarm(
        `${name}-${alarm.suffix}`,
        {
          alarmDescription: `${name}: ${alarm.says}.`,
          namespace: "AWS/RDS",
          metricName: alarm.metric,
          statistic: alarm.comparison === "LessThanThreshold" ? "Minimum" : "Maximum",
          dimensions: { DBInstanceIdentifier: watched.identifier },
          period: 60,
          evaluationPeriods: 5,
          datapointsToAlarm: 5,
          comparisonOperator: alarm.comparison,
          threshold: alarm.threshold,
          treatMissingData: alarm.silence ?? "missing",
          alarmActions: [...more.topics],
          okActions: [...more.topics],
          tags: more.tags,
        },
        { parent },
      ),
    ]),
  );
}
