import { RolePolicy } from "@pulumi/aws/iam/rolePolicy";
import * as pulumi from "@pulumi/pulumi";

/** Lets a role read exactly these secrets, and nothing else of Secrets Manager. */
export function grantSecrets(
  name: string,
  role: { roleName: pulumi.Input<string> },
  secretArns: readonly pulumi.Input<string>[],
  opts?: pulumi.CustomResourceOptions,
): RolePolicy {
  return new RolePolicy(
    `${name}-secrets`,
    {
      role: role.roleName,
      policy: pulumi.all([...secretArns]).apply((arns) =>
        JSON.stringify({
          Version: "2012-10-17",
          Statement: [
            { Effect: "Allow", Action: "secretsmanager:GetSecretValue", Resource: [...arns].sort() },
          ],
        }),
      ),
    },
    opts,
  );
}
