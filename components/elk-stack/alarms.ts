import { MetricAlarm } from "@pulumi/aws/cloudwatch/metricAlarm";
import type * as pulumi from "@pulumi/pulumi";

export interface AlarmSpec {
  readonly suffix: string;
  readonly metric: string;
  readonly statistic: "Maximum" | "Minimum";
  readonly comparison: "GreaterThanOrEqualToThreshold" | "LessThanOrEqualToThreshold";
  readonly threshold: number;
  /** Minutes in a row. */
  readonly minutes: number;
  readonly says: string;
}

const MB_PER_GB = 1024;
const atLeast = { statistic: "Maximum", comparison: "GreaterThanOrEqualToThreshold" } as const;

/** What AWS recommends to watch of a domain. `storageGb` is that of a node. */
export function domainAlarms(storageGb: number): AlarmSpec[] {
  return [
    {
      suffix: "red",
      metric: "ClusterStatus.red",
      ...atLeast,
      threshold: 1,
      minutes: 1,
      says: "lines are missing: a shard has no copy left",
    },
    {
      suffix: "yellow",
      metric: "ClusterStatus.yellow",
      ...atLeast,
      threshold: 1,
      minutes: 5,
      says: "a shard has fewer copies than it should",
    },
    {
      suffix: "blocked",
      metric: "ClusterIndexWritesBlocked",
      ...atLeast,
      threshold: 1,
      minutes: 5,
      says: "no line is taken any more",
    },
    {
      suffix: "storage",
      metric: "FreeStorageSpace",
      statistic: "Minimum",
      comparison: "LessThanOrEqualToThreshold",
      threshold: Math.round(storageGb * MB_PER_GB * 0.2),
      minutes: 1,
      says: "a node has less than a fifth of its disk left",
    },
    {
      suffix: "memory",
      metric: "JVMMemoryPressure",
      ...atLeast,
      threshold: 95,
      minutes: 3,
      says: "the JVM's memory is used up",
    },
    {
      suffix: "cpu",
      metric: "CPUUtilization",
      ...atLeast,
      threshold: 80,
      minutes: 15,
      says: "the processors are over 80 %",
    },
    {
      suffix: "snapshot",
      metric: "AutomatedSnapshotFailure",
      ...atLeast,
      threshold: 1,
      minutes: 1,
      says: "no snapshot could be taken",
    },
  ];
}

/** What the nodes of a store of one's own report each minute; a store that says nothing is lost. */
export const machineAlarms: readonly AlarmSpec[] = [
  {
    suffix: "red",
    metric: "LogStoreRed",
    ...atLeast,
    threshold: 1,
    minutes: 3,
    says: "lines are missing, or the store does not answer",
  },
  {
    suffix: "yellow",
    metric: "LogStoreYellow",
    ...atLeast,
    threshold: 1,
    minutes: 10,
    says: "a shard has fewer copies than it should",
  },
  {
    suffix: "storage",
    metric: "LogStoreDiskUsed",
    ...atLeast,
    threshold: 80,
    minutes: 1,
    says: "a node has less than a fifth of its disk left",
  },
  {
    suffix: "memory",
    metric: "LogStoreHeapUsed",
    ...atLeast,
    threshold: 92,
    minutes: 5,
    says: "the JVM's memory is used up",
  },
];

export interface Watched {
  readonly namespace: string;
  readonly dimensions: Record<string, pulumi.Input<string>>;
  readonly alarms: readonly AlarmSpec[];
  readonly topics: readonly pulumi.Input<string>[];
  readonly tags: Record<string, string>;
}

export function makeAlarms(name: string, watched: Watched, parent: pulumi.Resource): MetricAlarm[] {
  return watched.alarms.map(
    (alarm) =>
      new MetricAlarm(
        `${name}-${alarm.suffix}`,
        {
          alarmDescription: `${name}: ${alarm.says}.`,
          namespace: watched.namespace,
          metricName: alarm.metric,
          statistic: alarm.statistic,
          dimensions: watched.dimensions,
          period: 60,
          evaluationPeriods: alarm.minutes,
          datapointsToAlarm: alarm.minutes,
          comparisonOperator: alarm.comparison,
          threshold: alarm.threshold,
          treatMissingData: "missing",
          alarmActions: [...watched.topics],
          okActions: [...watched.topics],
          tags: watched.tags,
        },
        { parent },
      ),
  );
}
