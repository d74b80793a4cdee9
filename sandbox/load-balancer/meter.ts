import type { Metric } from "../emulated";
import type { Outcome } from "./forward";
import type { TargetGroup } from "./target-group";

const namespace = "AWS/ApplicationELB";

/** What happened since the last reading, for one load balancer, of one target group or of all. */
class Counters {
  readonly counts = new Map<string, number>();
  readonly seconds = new Map<number, number>();

  count(name: string): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
  }

  /** Response times are kept in steps of 2 %, which is what a percentile needs and no more. */
  time(seconds: number): void {
    const step = Math.round(Math.log(Math.max(seconds, 1e-6)) / Math.log(1.02));
    const value = Number((1.02 ** step).toPrecision(4));
    this.seconds.set(value, (this.seconds.get(value) ?? 0) + 1);
  }
}

/** Counts what passes through one load balancer, with the names and dimensions that CloudWatch has. */
export class Meter {
  private total = new Counters();
  private groups = new Map<TargetGroup, Counters>();

  /** `app/<name>/<id>` */
  constructor(private readonly loadBalancer: string) {}

  connection(): void {
    this.total.count("NewConnectionCount");
  }

  /** The load balancer answered without having tried a target. */
  refused(status: number): void {
    this.total.count("RequestCount");
    this.elb(status);
  }

  outcome(group: TargetGroup, outcome: Outcome): void {
    const counters = [this.total, this.of(group)];
    for (const each of counters) each.count("RequestCount");
    if (outcome.by === "load balancer") {
      this.elb(outcome.status);
      if (!outcome.connected) for (const each of counters) each.count("TargetConnectionErrorCount");
    } else if (outcome.by === "target") {
      for (const each of counters) {
        each.count(`HTTPCode_Target_${Math.floor(outcome.status / 100)}XX_Count`);
        each.time(outcome.seconds);
      }
    }
  }

  /** Gives what was counted and begins anew. */
  read(connections: number, now = new Date()): Metric[] {
    const timestamp = now.toISOString();
    const ofAll = { LoadBalancer: this.loadBalancer };
    const metrics = toMetrics(this.total, ofAll, timestamp);
    if (connections > 0) {
      const name = "ActiveConnectionCount";
      metrics.push({ namespace, name, dimensions: ofAll, value: connections, unit: "Count", timestamp });
    }
    for (const [group, counters] of this.groups) {
      const dimensions = { ...ofAll, TargetGroup: groupDimension(group.arn) };
      metrics.push(...toMetrics(counters, dimensions, timestamp));
      const perTarget = (counters.counts.get("RequestCount") ?? 0) / Math.max(1, group.targets.length);
      for (const each of [dimensions, { TargetGroup: dimensions.TargetGroup }]) {
        const name = "RequestCountPerTarget";
        metrics.push({ namespace, name, dimensions: each, value: perTarget, unit: "Count", timestamp });
      }
    }
    this.total = new Counters();
    this.groups = new Map();
    return metrics;
  }

  private elb(status: number): void {
    this.total.count(`HTTPCode_ELB_${Math.floor(status / 100)}XX_Count`);
    this.total.count(`HTTPCode_ELB_${status}_Count`);
  }

  private of(group: TargetGroup): Counters {
    let counters = this.groups.get(group);
    if (counters === undefined) {
      counters = new Counters();
      this.groups.set(group, counters);
    }
    return counters;
  }
}

/** How many targets are healthy and how many are not, as CloudWatch has it. */
export function hostCounts(group: TargetGroup, loadBalancer: string, now = new Date()): Metric[] {
  const dimensions = { LoadBalancer: loadBalancer, TargetGroup: groupDimension(group.arn) };
  const timestamp = now.toISOString();
  const healthy = group.targets.filter((target) => target.healthy).length;
  const unhealthy = group.targets.filter((target) => target.report.state === "unhealthy").length;
  return [
    { namespace, name: "HealthyHostCount", dimensions, value: healthy, unit: "Count", timestamp },
    { namespace, name: "UnHealthyHostCount", dimensions, value: unhealthy, unit: "Count", timestamp },
  ];
}

/** `…:loadbalancer/app/name/id` → `app/name/id` */
export function loadBalancerDimension(arn: string): string {
  return arn.slice(arn.indexOf("loadbalancer/") + "loadbalancer/".length);
}

/** `…:targetgroup/name/id` → `targetgroup/name/id` */
export function groupDimension(arn: string): string {
  return arn.slice(arn.indexOf("targetgroup/"));
}

function toMetrics(counters: Counters, dimensions: Record<string, string>, timestamp: string): Metric[] {
  const metrics: Metric[] = [...counters.counts].map(([name, value]) => ({
    namespace,
    name,
    dimensions,
    value,
    unit: "Count",
    timestamp,
  }));
  if (counters.seconds.size > 0) {
    metrics.push({
      namespace,
      name: "TargetResponseTime",
      dimensions,
      values: [...counters.seconds.keys()],
      counts: [...counters.seconds.values()],
      unit: "Seconds",
      timestamp,
    });
  }
  return metrics;
}
