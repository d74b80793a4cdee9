import { RolePolicy } from "@pulumi/aws/iam/rolePolicy";
import * as pulumi from "@pulumi/pulumi";
import { attachStatements, MachineRole } from "../machine";
import type { DockerHostArgs } from "./args";

const ECR_PULL = "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly";

export interface HostAccess {
  readonly bucket: pulumi.Input<string>;
  /** Begin of the keys that the hosts read. */
  readonly prefix: string;
  readonly targetGroupArns: readonly pulumi.Input<string>[];
  readonly volumeArns: readonly pulumi.Input<string>[];
}

/** A host may pull images, read its declaration and its containers' secrets, and register itself; nothing else. */
export function makeRole(
  name: string,
  args: DockerHostArgs,
  access: HostAccess,
  parent: pulumi.Resource,
): MachineRole {
  const role = new MachineRole(
    name,
    { managedPolicyArns: [ECR_PULL], ...(args.tags && { tags: args.tags }) },
    { parent },
  );
  const secrets = Object.values(args.containers).flatMap(({ secrets: of = {} }) =>
    Object.values(of).map(({ arn }) => arn),
  );
  if (args.logs) secrets.push(args.logs.secretArn);
  const archives = Object.values(args.containers).flatMap(({ archive }) => archive ?? []);
  const policy = pulumi
    .all([
      access.bucket,
      pulumi.all([...access.targetGroupArns]),
      pulumi.all([...access.volumeArns]),
      pulumi.all(secrets),
    ])
    .apply(([bucket, targetGroups, volumes, secretArns]) =>
      JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          allow(
            ["s3:GetObject"],
            [`${access.prefix}*`, ...archives].map((key) => `arn:aws:s3:::${bucket}/${key}`),
          ),
          // Neither of the two can be limited to a resource.
          allow(
            ["elasticloadbalancing:DescribeTargetHealth", "autoscaling:DescribeAutoScalingInstances"],
            ["*"],
          ),
          allow(
            ["elasticloadbalancing:RegisterTargets", "elasticloadbalancing:DeregisterTargets"],
            targetGroups,
          ),
          allow(["secretsmanager:GetSecretValue"], [...new Set(secretArns)]),
          ...attachStatements(volumes, { key: "retrofit:docker-host", value: name }),
          {
            ...allow(["autoscaling:CompleteLifecycleAction"], ["*"]),
            Condition: { StringEquals: { "aws:ResourceTag/retrofit:docker-host": name } },
          },
        ].filter(({ Resource }) => Resource.length > 0),
      }),
    );
  new RolePolicy(`${name}-host`, { role: role.roleName, policy }, { parent: role });
  return role;
}

function allow(Action: string[], Resource: string[]) {
  return { Effect: "Allow", Action, Resource };
}
