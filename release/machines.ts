import { DescribeAutoScalingGroupsCommand } from "@aws-sdk/client-auto-scaling";
import type { RunningEnvironment } from "./environment";

export interface MachineInService {
  readonly id: string;
  /** Of the release that it runs; `containers` on a Docker host, which runs none. */
  readonly version: string;
}

/** The machines of all fleets that are in service, with the version of each. */
export async function machinesOf(running: RunningEnvironment): Promise<MachineInService[]> {
  const fleets = Object.entries(running.outputs.fleets);
  return inService(running, new Map(fleets.map(([version, fleet]) => [fleet.autoScalingGroup, version])));
}

/** The Docker hosts that are in service. */
export async function dockerHostsOf(running: RunningEnvironment): Promise<MachineInService[]> {
  const groups = running.outputs.dockerGroups ?? [];
  return inService(running, new Map(groups.map((group) => [group, "containers"])));
}

async function inService(
  { clients }: RunningEnvironment,
  versions: ReadonlyMap<string, string>,
): Promise<MachineInService[]> {
  if (versions.size === 0) return [];
  const { AutoScalingGroups } = await clients.autoScaling.send(
    new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [...versions.keys()] }),
  );
  return (AutoScalingGroups ?? []).flatMap((group) =>
    (group.Instances ?? [])
      .filter(({ LifecycleState }) => LifecycleState === "InService")
      .map(({ InstanceId }) => ({ id: InstanceId!, version: versions.get(group.AutoScalingGroupName!)! })),
  );
}
