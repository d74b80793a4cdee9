import { DescribeAutoScalingGroupsCommand } from "@aws-sdk/client-auto-scaling";
import type { RunningEnvironment } from "./environment";

/** The machines of all fleets that are in service, with the version of each. */
export async function machinesOf({
  clients,
  outputs,
}: RunningEnvironment): Promise<{ id: string; version: string }[]> {
  const versions = new Map(
    Object.entries(outputs.fleets).map(([version, fleet]) => [fleet.autoScalingGroup, version]),
  );
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
