import type { Action } from "@aws-sdk/client-elastic-load-balancing-v2";
import { FakeTime } from "../../shared/fake-time";
import type { TrafficClients } from "./clients";
import { weightsOf } from "./serving";

/** Test double of the three services, with a virtual clock: just enough to drive the decisions of the shift. */
export class FakeAws extends FakeTime {
  actions: Action[] = [];
  /** Tags of the listener. */
  readonly tags: Record<string, string> = {};
  readonly written: Record<string, number>[] = [];
  readonly fleets = new Map<string, FakeFleet>();
  readonly readings = new Map<
    string,
    { requests: number; errors: number; refused?: number; latency?: number }
  >();
  readonly firing = new Set<string>();
  /** Errors thrown by the next calls of a command, first come first served. */
  readonly failures: { command: string; error: Error }[] = [];

  readonly clients: TrafficClients = {
    elb: { send: this.send.bind(this) as never },
    autoScaling: { send: this.send.bind(this) as never },
    cloudWatch: { send: this.send.bind(this) as never },
  };

  fleet(
    arn: string,
    size: number,
    state = "healthy",
    bounds: { min?: number; max?: number } = {},
  ): FakeFleet {
    const fleet = new FakeFleet(`group-of-${arn}`, bounds.min ?? 1, bounds.max ?? 10, state);
    fleet.resize(size);
    this.fleets.set(arn, fleet);
    return fleet;
  }

  serve(weights: Record<string, number>): void {
    this.actions = [
      {
        Type: "forward",
        ForwardConfig: {
          TargetGroups: Object.entries(weights).map(([TargetGroupArn, Weight]) => ({
            TargetGroupArn,
            Weight,
          })),
        },
      },
    ];
  }

  fail(command: string, error: Error, times = 1): void {
    for (let i = 0; i < times; i += 1) this.failures.push({ command, error });
  }

  private async send(command: {
    constructor: { name: string };
    input: Record<string, never>;
  }): Promise<unknown> {
    const name = command.constructor.name.replace(/Command$/, "");
    const failure = this.failures.findIndex((entry) => entry.command === name);
    if (failure >= 0) throw this.failures.splice(failure, 1)[0]!.error;
    const answer = this.answers[name];
    if (!answer) throw new Error(`the fake has no ${name}`);
    return answer(command.input);
  }

  // biome-ignore lint/suspicious/noExplicitAny: each answer knows the shape of its own command.
  private readonly answers: Record<string, (input: Record<string, any>) => unknown> = {
    DescribeListeners: () => ({ Listeners: [{ DefaultActions: this.actions }] }),
    ModifyListener: ({ DefaultActions }) => {
      this.actions = DefaultActions;
      this.written.push({ ...weightsOf(this.actions) });
      return {};
    },
    DescribeTags: () => ({
      TagDescriptions: [{ Tags: Object.entries(this.tags).map(([Key, Value]) => ({ Key, Value })) }],
    }),
    AddTags: ({ Tags }) => {
      for (const { Key, Value } of Tags) this.tags[Key] = Value;
      return {};
    },
    DescribeTargetHealth: ({ TargetGroupArn }) => ({
      TargetHealthDescriptions: this.fleets.get(TargetGroupArn)?.targets() ?? [],
    }),
    DescribeAutoScalingGroups: () => ({
      AutoScalingGroups: [...this.fleets].map(([arn, fleet]) => fleet.group(arn)),
    }),
    SetDesiredCapacity: ({ AutoScalingGroupName, DesiredCapacity }) => {
      [...this.fleets.values()].find((fleet) => fleet.name === AutoScalingGroupName)?.resize(DesiredCapacity);
      return {};
    },
    UpdateAutoScalingGroup: ({ AutoScalingGroupName, MinSize, MaxSize, DesiredCapacity }) => {
      const fleet = [...this.fleets.values()].find(({ name }) => name === AutoScalingGroupName)!;
      fleet.min = MinSize ?? fleet.min;
      fleet.max = MaxSize ?? fleet.max;
      fleet.resize(Math.max(fleet.min, DesiredCapacity ?? fleet.desired));
      return {};
    },
    DescribeScalingActivities: ({ AutoScalingGroupName }) => ({
      Activities:
        [...this.fleets.values()].find((fleet) => fleet.name === AutoScalingGroupName)?.activities ?? [],
    }),
    DescribeAlarms: ({ AlarmNames }) => ({
      MetricAlarms: (AlarmNames as string[])
        .filter((name) => this.firing.has(name))
        .map((AlarmName) => ({ AlarmName })),
    }),
    GetMetricData: ({ MetricDataQueries }) => this.metricData(MetricDataQueries),
  };

  private metricData(
    queries: { Id: string; MetricStat: { Metric: { Dimensions: { Name: string; Value: string }[] } } }[],
  ) {
    const dimension =
      queries[0]?.MetricStat.Metric.Dimensions.find(({ Name }) => Name === "TargetGroup")?.Value ?? "";
    const reading = [...this.readings].find(([arn]) => arn.endsWith(dimension))?.[1];
    const values: Record<string, number | undefined> = { ...reading };
    return {
      MetricDataResults: queries.map(({ Id }) => ({
        Id,
        Values: values[Id] === undefined ? [] : [values[Id]],
      })),
    };
  }
}

export class FakeFleet {
  readonly machines = new Map<string, { lifecycle: string; health: string | undefined; reason?: string }>();
  readonly activities: { StatusCode: string; StatusMessage: string; StartTime: Date }[] = [];
  desired = 0;
  private launched = 0;

  constructor(
    readonly name: string,
    public min: number,
    public max: number,
    /** Health of machines that are launched. */
    public newcomers: string,
  ) {}

  resize(size: number): void {
    this.desired = size;
    while (this.machines.size < size) {
      this.launched += 1;
      this.machines.set(`i-${this.name}-${this.launched}`, {
        lifecycle: "InService",
        health: this.newcomers,
      });
    }
    for (const id of [...this.machines.keys()].slice(size)) this.machines.delete(id);
  }

  all(health: string | undefined, reason?: string): void {
    for (const machine of this.machines.values()) {
      machine.health = health;
      machine.reason = reason;
    }
    this.newcomers = health ?? "initial";
  }

  first(): { lifecycle: string; health: string | undefined; reason?: string } {
    return [...this.machines.values()][0]!;
  }

  targets() {
    return [...this.machines]
      .filter(([, machine]) => machine.health !== undefined)
      .map(([Id, { health, reason }]) => ({
        Target: { Id },
        TargetHealth: { State: health, Reason: reason },
      }));
  }

  group(arn: string) {
    return {
      AutoScalingGroupName: this.name,
      TargetGroupARNs: [arn],
      DesiredCapacity: this.desired,
      MinSize: this.min,
      MaxSize: this.max,
      Instances: [...this.machines].map(([InstanceId, { lifecycle }]) => ({
        InstanceId,
        LifecycleState: lifecycle,
      })),
    };
  }
}

export function throttled(): Error {
  return Object.assign(new Error("Rate exceeded"), { name: "ThrottlingException" });
}
