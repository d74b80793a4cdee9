import type { Group } from "@pulumi/aws/autoscaling/group";
import { Policy } from "@pulumi/aws/autoscaling/policy";
import { MetricAlarm, type MetricAlarmArgs } from "@pulumi/aws/cloudwatch/metricAlarm";
import type { LoadBalancer } from "@pulumi/aws/lb/loadBalancer";
import type * as pulumi from "@pulumi/pulumi";
import type { AutoscalingWebTierArgs, CapacityArgs } from "./args";
import type { Fleet } from "./fleet";

export const SCALING_DEFAULTS = { outSeconds: 180, inSeconds: 300, idlePercent: 75 } as const;

/** A minute that is busy by chance adds no machine; ten in a row that are idle take one away. */
const BUSY_MINUTES = 2;
const IDLE_MINUTES = 10;

/** One number that the size of the fleet follows. */
interface Signal {
  readonly id: "cpu" | "requests" | "metric";
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Record<string, pulumi.Input<string>>;
  readonly statistic: string;
  readonly target: number;
  readonly says: string;
}

/**
 * What sizes the live fleet on demand. Only the live one has it: a standby without requests would be scaled in, and a
 * rollback would land on too few machines. `opts` makes it follow the traffic.
 *
 * Simple policies of ±1, called by alarms of our own. Target tracking would be less to write, but it jumps by as many machines as
 * it finds missing; step policies of ±1 have no pause of their own when they take machines away, and two of them may answer
 * one burst. A simple policy does one thing, and until its cooldown is over the group takes no other: one machine at a time.
 */
export function makeScaling(
  name: string,
  args: AutoscalingWebTierArgs,
  live: { fleet: Fleet; group: Group },
  loadBalancer: LoadBalancer,
  opts: pulumi.CustomResourceOptions,
): void {
  const signals = signalsOf(args.capacity, live, loadBalancer);
  if (signals.length === 0) return;
  const { cooldownSeconds = {} } = args.capacity;
  const policy = (direction: "out" | "in", scalingAdjustment: number, cooldown: number) =>
    new Policy(
      `${name}-${direction}`,
      {
        autoscalingGroupName: live.group.name,
        policyType: "SimpleScaling",
        adjustmentType: "ChangeInCapacity",
        scalingAdjustment,
        cooldown,
      },
      opts,
    );
  const out = policy("out", 1, cooldownSeconds.out ?? SCALING_DEFAULTS.outSeconds);
  const back = policy("in", -1, cooldownSeconds.in ?? SCALING_DEFAULTS.inSeconds);
  for (const signal of signals) {
    new MetricAlarm(`${name}-out-${signal.id}`, busyAlarm(name, args, signal, out), opts);
  }
  new MetricAlarm(`${name}-in`, idleAlarm(name, args, signals, live.group, back), opts);
}

function signalsOf(
  { cpuPercent, requestsPerTarget, metric }: CapacityArgs,
  live: { fleet: Fleet; group: Group },
  loadBalancer: LoadBalancer,
): Signal[] {
  const signals: Signal[] = [];
  if (cpuPercent !== undefined) {
    signals.push({
      id: "cpu",
      namespace: "AWS/EC2",
      name: "CPUUtilization",
      dimensions: { AutoScalingGroupName: live.group.name },
      statistic: "Average",
      target: cpuPercent,
      says: `${cpuPercent} % of the processors`,
    });
  }
  if (requestsPerTarget !== undefined) {
    signals.push({
      id: "requests",
      namespace: "AWS/ApplicationELB",
      name: "RequestCountPerTarget",
      dimensions: { LoadBalancer: loadBalancer.arnSuffix, TargetGroup: live.fleet.targetGroupSuffix },
      // The only statistic it has; it is the number per machine all the same.
      statistic: "Sum",
      target: requestsPerTarget,
      says: `${requestsPerTarget} requests per minute and machine`,
    });
  }
  if (metric !== undefined) {
    signals.push({
      id: "metric",
      namespace: metric.namespace,
      name: metric.name,
      dimensions: metric.dimensions ?? {},
      statistic: metric.statistic ?? "Average",
      target: metric.target,
      says: `${metric.target} of ${metric.namespace} ${metric.name}`,
    });
  }
  return signals;
}

function busyAlarm(
  name: string,
  args: AutoscalingWebTierArgs,
  signal: Signal,
  policy: Policy,
): MetricAlarmArgs {
  return {
    alarmDescription: `${name}: above ${signal.says}; a machine is added, up to ${args.capacity.max}.`,
    namespace: signal.namespace,
    metricName: signal.name,
    dimensions: signal.dimensions,
    ...statisticOf(signal.statistic),
    period: 60,
    evaluationPeriods: BUSY_MINUTES,
    comparisonOperator: "GreaterThanThreshold",
    threshold: signal.target,
    treatMissingData: "notBreaching",
    alarmActions: [policy.arn],
    tags: { ...args.tags },
  };
}

/**
 * Idle is: with one machine fewer, the others would still be below `idlePercent` of every target. So taking one away
 * does not make the next minute a busy one, with two machines as with twenty.
 */
function idleAlarm(
  name: string,
  args: AutoscalingWebTierArgs,
  signals: readonly Signal[],
  group: Group,
  policy: Policy,
): MetricAlarmArgs {
  const idlePercent = args.capacity.idlePercent ?? SCALING_DEFAULTS.idlePercent;
  const onlyRequests = signals.every(({ id }) => id === "requests");
  return {
    alarmDescription: `${name}: without one of its machines the others would be below ${idlePercent} % of what they are to carry; it is taken away, down to ${args.capacity.min}.`,
    metricQueries: idleQueries(signals, group.name),
    evaluationPeriods: IDLE_MINUTES,
    comparisonOperator: "LessThanThreshold",
    threshold: idlePercent,
    // No requests, no number: that is idle. An application that has stopped to tell its own number is not.
    treatMissingData: onlyRequests ? "breaching" : "notBreaching",
    alarmActions: [policy.arn],
    tags: { ...args.tags },
  };
}

type Queries = Exclude<MetricAlarmArgs["metricQueries"], undefined>;

export function idleQueries(
  signals: readonly Pick<Signal, "id" | "namespace" | "name" | "dimensions" | "statistic" | "target">[],
  groupName: pulumi.Input<string>,
): Queries {
  const machines = {
    id: "machines",
    returnData: false,
    metric: {
      namespace: "AWS/AutoScaling",
      metricName: "GroupInServiceInstances",
      dimensions: { AutoScalingGroupName: groupName },
      period: 60,
      stat: "Average",
    },
  };
  const numbers = signals.map(({ id, namespace, name, dimensions, statistic }) => ({
    id,
    returnData: false,
    metric: { namespace, metricName: name, dimensions, period: 60, stat: statistic },
  }));
  const used = signals.map(({ id, target }) => ({
    id: `${id}_used`,
    label: `${id} in percent of its target`,
    returnData: false,
    // Without requests the load balancer tells no number at all.
    expression: `100 * ${id === "requests" ? "FILL(requests, 0)" : id} / ${target}`,
  }));
  return [
    {
      id: "without_one",
      label: "use in percent, with one machine fewer",
      returnData: true,
      expression: `IF(machines > 1, MAX([${used.map(({ id }) => id).join(", ")}]) * machines / (machines - 1), 100)`,
    },
    ...used,
    machines,
    ...numbers,
  ];
}

function statisticOf(statistic: string): Pick<MetricAlarmArgs, "statistic" | "extendedStatistic"> {
  return /^p\d/.test(statistic) ? { extendedStatistic: statistic } : { statistic };
}
