import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from "@aws-sdk/client-auto-scaling";
import { SSMClient } from "@aws-sdk/client-ssm";
import * as pulumi from "@pulumi/pulumi";
import { describeFailure, runOnMachine } from "../machine";
import { resolved } from "../shared/outputs";

/**
 * Runs before the declaration in force is replaced: each host in turn becomes what the new one says, while the others go
 * on serving. When one cannot, the update stops there, the declaration in force stays, and the next update asks again.
 */
export function applyHook(
  name: string,
  hosts: readonly pulumi.Output<string>[],
  next: pulumi.Output<{ source: string; region: string }>,
): pulumi.ResourceHook {
  const groups = pulumi.all([...hosts]);
  return new pulumi.ResourceHook(`${name}-apply`, async () => {
    const [names, { source, region }] = await resolved(pulumi.all([groups, next]));
    const ssm = new SSMClient({ region });
    const autoScaling = new AutoScalingClient({ region });
    for (const group of names) {
      const found = await autoScaling.send(
        new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [group] }),
      );
      const machine = found.AutoScalingGroups?.[0]?.Instances?.find(
        ({ LifecycleState }) => LifecycleState === "InService",
      );
      // A host that is being replaced takes what is in force when it boots, and that is written after this.
      if (!machine?.InstanceId) {
        throw new Error(`${group} has no machine in service: run the update again when it has.`);
      }
      const result = await runOnMachine(
        { ssm },
        machine.InstanceId,
        {
          commands: [`"$RETROFIT_ROOT"/usr/local/lib/retrofit/retrofit-docker-host apply '${source}'`],
          comment: `containers of ${name}`,
          timeoutSeconds: 1800,
        },
        (line) => pulumi.log.info(line),
      );
      if (result.status !== "Success") {
        throw new Error(
          `the containers of ${machine.InstanceId} are as they were: the new declaration ${describeFailure(result)}`,
        );
      }
    }
  });
}
