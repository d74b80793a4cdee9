import type { MachineDocument } from "../../machine";
import { FakeTime } from "../../shared/fake-time";
import type { InPlaceClients } from "./update";

interface FakeMachine {
  lifecycle: string;
  health: string;
  document: MachineDocument;
}

/** A fleet with a clock of its own: group, load balancer and SSM, as far as the update in place talks to them. */
export class FakeFleet extends FakeTime {
  desired = 0;
  min = 0;
  max = 10;
  template = { id: "lt-1", version: "1" };
  tags: Record<string, string> = {};
  readonly machines = new Map<string, FakeMachine>();
  /** Healthy machines in service at the worst moment. */
  fewestServing = Number.POSITIVE_INFINITY;
  /** What a machine says when it is given a release, by release: nothing is success. */
  readonly bad = new Map<string, string>();
  /** Releases that come back from their update without getting healthy in the load balancer. */
  readonly sick = new Set<string>();
  errorPercent = 0;
  readonly firing = new Set<string>();
  /** Called with each command as it comes. */
  onCommand: (name: string) => void = () => {};
  private launched = 0;
  private readonly results = new Map<string, { status: string; stdout: string; stderr: string }>();

  constructor(
    /** What the launch template's versions start. */
    readonly documents: Record<string, MachineDocument>,
    size: number,
    min = size,
  ) {
    super();
    this.min = min;
    this.desired = size;
    this.reconcile();
    for (const machine of this.machines.values()) machine.health = "healthy";
  }

  readonly clients: InPlaceClients = {
    elb: { send: this.send.bind(this) as never },
    autoScaling: { send: this.send.bind(this) as never },
    cloudWatch: { send: this.send.bind(this) as never },
    ssm: { send: this.send.bind(this) as never },
  };

  releases(): Record<string, string> {
    return Object.fromEntries([...this.machines].map(([id, { document }]) => [id, document.release]));
  }

  kill(id: string): void {
    const counted = this.machines.get(id)?.lifecycle === "InService";
    this.machines.delete(id);
    if (counted) this.reconcile();
  }

  private reconcile(): void {
    const counted = () =>
      [...this.machines.values()].filter(({ lifecycle }) => lifecycle !== "Standby").length;
    while (counted() < this.desired) {
      const id = `i-${++this.launched}`;
      const document = structuredClone(this.documents[this.template.version]!);
      this.machines.set(id, { lifecycle: "InService", health: "initial", document });
      this.after(10, () => this.settle(id));
    }
  }

  private settle(id: string): void {
    const machine = this.machines.get(id);
    if (machine?.lifecycle !== "InService") return;
    machine.health = this.sick.has(machine.document.release) ? "unhealthy" : "healthy";
  }

  private async send(command: { constructor: { name: string }; input: Record<string, never> }) {
    const name = command.constructor.name.replace(/Command$/, "");
    this.onCommand(name);
    const answer = this.answers[name];
    if (!answer) throw new Error(`the fake has no ${name}`);
    const result = answer(command.input);
    const serving = [...this.machines.values()].filter(
      ({ lifecycle, health }) => lifecycle === "InService" && health === "healthy",
    );
    this.fewestServing = Math.min(this.fewestServing, serving.length);
    return result;
  }

  // biome-ignore lint/suspicious/noExplicitAny: each answer knows the shape of its own command.
  private readonly answers: Record<string, (input: Record<string, any>) => unknown> = {
    DescribeAutoScalingGroups: () => ({
      AutoScalingGroups: [
        {
          AutoScalingGroupName: "fleet",
          TargetGroupARNs: ["tg"],
          DesiredCapacity: this.desired,
          MinSize: this.min,
          MaxSize: this.max,
          LaunchTemplate: { LaunchTemplateId: this.template.id, Version: this.template.version },
          Tags: Object.entries(this.tags).map(([Key, Value]) => ({ Key, Value })),
          Instances: [...this.machines].map(([InstanceId, { lifecycle }]) => ({
            InstanceId,
            LifecycleState: lifecycle,
          })),
        },
      ],
    }),
    DescribeTargetHealth: () => ({
      TargetHealthDescriptions: [...this.machines]
        .filter(([, { health }]) => health !== "none")
        .map(([Id, { health }]) => ({ Target: { Id }, TargetHealth: { State: health } })),
    }),
    EnterStandby: ({ InstanceIds: [id] }) => {
      if (this.desired - 1 < this.min)
        throw Object.assign(new Error("min-size"), { name: "ValidationError" });
      const machine = this.machines.get(id)!;
      Object.assign(machine, { lifecycle: "Standby", health: "draining" });
      this.after(5, () => {
        if (machine.lifecycle === "Standby") machine.health = "none";
      });
      this.desired -= 1;
    },
    ExitStandby: ({ InstanceIds: [id] }) => {
      Object.assign(this.machines.get(id)!, { lifecycle: "InService", health: "initial" });
      this.desired += 1;
      this.after(10, () => this.settle(id));
    },
    UpdateAutoScalingGroup: ({ MinSize, LaunchTemplate }) => {
      if (MinSize !== undefined) this.min = MinSize;
      if (LaunchTemplate)
        this.template = { id: LaunchTemplate.LaunchTemplateId, version: LaunchTemplate.Version };
    },
    CreateOrUpdateTags: ({ Tags }) => {
      for (const { Key, Value } of Tags) this.tags[Key] = Value;
    },
    DeleteTags: ({ Tags }) => {
      for (const { Key } of Tags) delete this.tags[Key];
    },
    SetDesiredCapacity: ({ DesiredCapacity }) => {
      this.desired = DesiredCapacity;
      this.reconcile();
    },
    TerminateInstanceInAutoScalingGroup: ({ InstanceId }) => this.kill(InstanceId),
    GetMetricData: ({ MetricDataQueries }) => ({
      MetricDataResults: MetricDataQueries.map(({ Id }: { Id: string }) => ({
        Id,
        Values: Id === "requests" ? [100] : Id === "errors" ? [this.errorPercent] : [],
      })),
    }),
    DescribeAlarms: () => ({ MetricAlarms: [...this.firing].map((AlarmName) => ({ AlarmName })) }),
    DescribeInstanceInformation: ({ Filters }) => ({
      InstanceInformationList: this.machines.has(Filters[0].Values[0]) ? [{ PingStatus: "Online" }] : [],
    }),
    CancelCommand: () => ({}),
    SendCommand: ({ InstanceIds: [id], Parameters }) => {
      const CommandId = `c-${this.results.size}`;
      this.results.set(CommandId, this.run(id, Parameters.commands[0]));
      return { Command: { CommandId } };
    },
    GetCommandInvocation: ({ CommandId, InstanceId }) => {
      if (!this.machines.has(InstanceId)) return { Status: "InProgress" };
      const { status, stdout, stderr } = this.results.get(CommandId)!;
      return {
        Status: status,
        ResponseCode: status === "Success" ? 0 : 1,
        StandardOutputContent: stdout,
        StandardErrorContent: stderr,
      };
    },
  };

  /** The script as the machine would run it: it is asked, or it gets what the script carries. */
  private run(id: string, script: string): { status: string; stdout: string; stderr: string } {
    const machine = this.machines.get(id)!;
    const given = /b64decode\("([^"]+)"\)/.exec(script)?.[1];
    if (!given) {
      const stdout = JSON.stringify({ document: machine.document, active: true });
      return { status: "Success", stdout, stderr: "" };
    }
    const { document } = JSON.parse(Buffer.from(given, "base64").toString()) as { document: MachineDocument };
    machine.document = document;
    const stderr = this.bad.get(document.release) ?? "";
    return { status: stderr ? "Failed" : "Success", stdout: "", stderr };
  }
}
