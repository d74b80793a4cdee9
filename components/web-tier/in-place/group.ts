import {
  type AutoScalingGroup,
  CreateOrUpdateTagsCommand,
  DeleteTagsCommand,
  EnterStandbyCommand,
  ExitStandbyCommand,
  SetDesiredCapacityCommand,
  TerminateInstanceInAutoScalingGroupCommand,
  UpdateAutoScalingGroupCommand,
} from "@aws-sdk/client-auto-scaling";
import { DescribeTargetHealthCommand } from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Clock, TrafficClients } from "../traffic";
import { GateError } from "../traffic";
import { groupOfTargetGroup } from "../traffic/fleet-state";
import { retrying } from "../traffic/retrying";

/** A machine of the fleet, as its group and the load balancer see it. */
export interface Machine {
  readonly id: string;
  /** `InService`, `Standby`, `Pending`, … */
  readonly lifecycle: string;
  /** State in the target group, `none` when it is not registered. */
  readonly health: string;
}

export interface LaunchTemplateVersion {
  readonly id: string;
  readonly version: string;
}

/** Kept on the group while its minimum is lowered, so that a run that was killed does not leave it so. */
export const MINIMUM_TAG = "retrofit:in-place-minimum";

/**
 * The Auto Scaling group whose machines are updated. A machine that is worked on is in *Standby*: the group takes it out of
 * the load balancer by itself, lets it finish its requests, and neither replaces it nor picks it to scale in.
 */
export class UpdatedGroup {
  constructor(
    private readonly clients: Pick<TrafficClients, "elb" | "autoScaling">,
    private readonly targetGroupArn: string,
    private readonly clock: Clock,
  ) {}

  async read(): Promise<AutoScalingGroup> {
    const group = await retrying(() => groupOfTargetGroup(this.clients, this.targetGroupArn), this.clock);
    if (group) return group;
    throw new GateError("capacity", `no Auto Scaling group registers machines in ${this.targetGroupArn}.`);
  }

  /** All that are there or coming; those that are on their way out are nobody's concern. */
  async machines(): Promise<Machine[]> {
    const [group, health] = await Promise.all([
      this.read(),
      retrying(
        () => this.clients.elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: this.targetGroupArn })),
        this.clock,
      ),
    ]);
    const states = new Map(
      (health.TargetHealthDescriptions ?? []).map(({ Target, TargetHealth }) => [
        Target?.Id,
        TargetHealth?.State,
      ]),
    );
    return (group.Instances ?? [])
      .map(({ InstanceId = "", LifecycleState = "" }) => ({
        id: InstanceId,
        lifecycle: LifecycleState,
        health: states.get(InstanceId) ?? "none",
      }))
      .filter(({ lifecycle }) => !/^(Terminat|Detach)/.test(lifecycle));
  }

  async takeOut(id: string): Promise<void> {
    const group = await this.read();
    const left = (group.DesiredCapacity ?? 1) - 1;
    if (left < (group.MinSize ?? 0)) await this.lowerMinimum(group, left);
    await this.move(id, /Standby/, () =>
      this.scaling.send(
        new EnterStandbyCommand({
          AutoScalingGroupName: group.AutoScalingGroupName,
          InstanceIds: [id],
          ShouldDecrementDesiredCapacity: true,
        }),
      ),
    );
  }

  async takeIn(id: string): Promise<void> {
    const group = await this.read();
    const name = group.AutoScalingGroupName;
    // The group grew to its maximum meanwhile: the machine that is known to be good comes back for one of the others.
    if ((group.DesiredCapacity ?? 0) >= (group.MaxSize ?? 0)) await this.resize((group.MaxSize ?? 1) - 1);
    await this.move(id, /InService|^Pending/, () =>
      this.scaling.send(new ExitStandbyCommand({ AutoScalingGroupName: name, InstanceIds: [id] })),
    );
  }

  /** Ends a machine that cannot be made good; its group replaces it where it was counted. */
  async end(id: string): Promise<void> {
    await this.change(() =>
      this.scaling.send(
        new TerminateInstanceInAutoScalingGroupCommand({
          InstanceId: id,
          ShouldDecrementDesiredCapacity: false,
        }),
      ),
    );
  }

  /** A machine that was in standby is gone: the group, which did not count it, is to have one more. */
  async makeUpFor(): Promise<void> {
    const { DesiredCapacity = 0, MaxSize = 0 } = await this.read();
    await this.resize(Math.min(DesiredCapacity + 1, MaxSize));
  }

  async launchTemplate(): Promise<LaunchTemplateVersion | undefined> {
    const { LaunchTemplateId: id, Version: version } = (await this.read()).LaunchTemplate ?? {};
    return id && version ? { id, version } : undefined;
  }

  /** What machines are started from now on. */
  async startWith({ id, version }: LaunchTemplateVersion): Promise<void> {
    const { AutoScalingGroupName, LaunchTemplate } = await this.read();
    if (LaunchTemplate?.LaunchTemplateId === id && LaunchTemplate.Version === version) return;
    await this.change(() =>
      this.scaling.send(
        new UpdateAutoScalingGroupCommand({
          AutoScalingGroupName,
          LaunchTemplate: { LaunchTemplateId: id, Version: version },
        }),
      ),
    );
  }

  async restoreMinimum(): Promise<void> {
    const { AutoScalingGroupName, Tags = [] } = await this.read();
    const kept = Tags.find(({ Key }) => Key === MINIMUM_TAG)?.Value;
    if (kept === undefined) return;
    await this.change(() =>
      this.scaling.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName, MinSize: Number(kept) })),
    );
    await this.change(() =>
      this.scaling.send(new DeleteTagsCommand({ Tags: [this.minimumTag(AutoScalingGroupName, kept)] })),
    );
  }

  private async lowerMinimum(group: AutoScalingGroup, to: number): Promise<void> {
    const { AutoScalingGroupName, MinSize, Tags = [] } = group;
    if (!Tags.some(({ Key }) => Key === MINIMUM_TAG))
      await this.change(() =>
        this.scaling.send(
          new CreateOrUpdateTagsCommand({ Tags: [this.minimumTag(AutoScalingGroupName, String(MinSize))] }),
        ),
      );
    await this.change(() =>
      this.scaling.send(
        new UpdateAutoScalingGroupCommand({ AutoScalingGroupName, MinSize: Math.max(0, to) }),
      ),
    );
  }

  private minimumTag(group: string | undefined, value: string) {
    return {
      ResourceId: group,
      ResourceType: "auto-scaling-group",
      Key: MINIMUM_TAG,
      Value: value,
      PropagateAtLaunch: false,
    };
  }

  private async resize(desired: number): Promise<void> {
    const { AutoScalingGroupName } = await this.read();
    await this.change(() =>
      this.scaling.send(
        new SetDesiredCapacityCommand({
          AutoScalingGroupName,
          DesiredCapacity: desired,
          HonorCooldown: false,
        }),
      ),
    );
  }

  /** Of a call whose answer was lost the second says that the machine has moved already. */
  private async move(id: string, there: RegExp, call: () => Promise<unknown>): Promise<void> {
    try {
      await this.change(call);
    } catch (error) {
      const now = (await this.machines()).find((machine) => machine.id === id)?.lifecycle ?? "";
      if (!there.test(now)) throw error;
    }
  }

  private get scaling() {
    return this.clients.autoScaling;
  }

  private async change(call: () => Promise<unknown>): Promise<void> {
    await retrying(call, this.clock);
  }
}
