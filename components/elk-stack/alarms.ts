import { MetricAlarm } from "@pulumi/aws/cloudwatch/metricAlarm";
import type * as pulumi from "@pulumi/pulumi";

interface AlarmSpec {
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

/** What AWS recommends to watch of a domain. `storageGb` is that of a node. */
export function alarmSpecs(storageGb: number): AlarmSpec[] {
  const atLeast = { statistic: "Maximum", comparison: "GreaterThanOrEqualToThreshold" } as const;
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

export interface WatchedDomain {
  readonly domainName: pulumi.Input<string>;
  readonly accountId: pulumi.Input<string>;
  readonly storageGb: number;
  readonly topics: readonly pulumi.Input<string>[];
  readonly tags: Record<string, string>;
}

export function makeAlarms(name: string, domain: WatchedDomain, parent: pulumi.Resource): MetricAlarm[] {
  return alarmSpecs(domain.storageGb).map(
    (alarm) =>
      new MetricAlarm(
        `${name}-${alarm.suffix}`,
        {
          alarmDescription: `${name}: ${alarm.says}.`,
          namespace: "AWS/ES",
          metricName: alarm.metric,
          statistic: alarm.statistic,
          dimensions: { DomainName: domain.domainName, ClientId: domain.accountId },
          period: 60,
          evaluationPeriods: alarm.minutes,
          datapointsToAlarm: alarm.minutes,
          comparisonOperator: alarm.comparison,
          threshold: alarm.threshold,
          treatMissingData: "missing",
          alarmActions: [...domain.topics],
          okActions: [...domain.topics],
          tags: domain.tags,
        },
        { parent },
      ),
  );
}
