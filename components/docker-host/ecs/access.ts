import type { LogGroup } from "@pulumi/aws/cloudwatch/logGroup";
import { Role } from "@pulumi/aws/iam/role";
import { RolePolicy } from "@pulumi/aws/iam/rolePolicy";
import * as pulumi from "@pulumi/pulumi";
import type { ContainerClusterArgs } from "./args";

/** What starts containers may pull images, write their output and read the secrets that were declared; nothing else. */
export function makeExecutionRole(
  name: string,
  args: ContainerClusterArgs,
  logs: LogGroup,
  parent: pulumi.Resource,
): Role {
  const child = `${name}-execution`;
  const role = new Role(
    child,
    {
      assumeRolePolicy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          { Effect: "Allow", Principal: { Service: "ecs-tasks.amazonaws.com" }, Action: "sts:AssumeRole" },
        ],
      }),
      tags: { ...args.tags },
    },
    { parent },
  );
  const secrets = Object.values(args.containers).flatMap(({ secrets: of = {} }) =>
    Object.values(of).map(({ arn }) => arn),
  );
  const allow = (Action: string[], Resource: string[]) => ({ Effect: "Allow", Action, Resource });
  const policy = pulumi.all([logs.arn, pulumi.all(secrets)]).apply(([logArn, secretArns]) =>
    JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        // Registries are not resources that a token can be limited to.
        allow(["ecr:GetAuthorizationToken"], ["*"]),
        allow(["ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"], ["*"]),
        allow(["logs:CreateLogStream", "logs:PutLogEvents"], [`${logArn.replace(/:\*$/, "")}:*`]),
        allow(["secretsmanager:GetSecretValue"], [...new Set(secretArns)]),
      ].filter(({ Resource }) => Resource.length > 0),
    }),
  );
  new RolePolicy(child, { role: role.name, policy }, { parent: role });
  return role;
}
