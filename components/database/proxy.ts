import { Role } from "@pulumi/aws/iam/role";
import { RolePolicy } from "@pulumi/aws/iam/rolePolicy";
import type { Instance } from "@pulumi/aws/rds/instance";
import { Proxy as DatabaseProxy } from "@pulumi/aws/rds/proxy";
import { ProxyDefaultTargetGroup } from "@pulumi/aws/rds/proxyDefaultTargetGroup";
import { ProxyTarget } from "@pulumi/aws/rds/proxyTarget";
import * as pulumi from "@pulumi/pulumi";
import { transformed } from "../shared/transform";
import type { DatabaseArgs } from "./database-args";

export interface Proxied {
  readonly instance: Instance;
  readonly secretArn: pulumi.Output<string>;
  readonly securityGroupId: pulumi.Output<string>;
}

/** RDS Proxy in front of an instance; gives its endpoint, known when the instance stands behind it. */
export function makeProxy(
  name: string,
  args: DatabaseArgs,
  { instance, secretArn, securityGroupId }: Proxied,
  parent: pulumi.Resource,
): pulumi.Output<string> {
  const role = new Role(
    `${name}-proxy`,
    {
      assumeRolePolicy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          { Effect: "Allow", Principal: { Service: "rds.amazonaws.com" }, Action: "sts:AssumeRole" },
        ],
      }),
      tags: { ...args.tags },
    },
    { parent },
  );
  const access = new RolePolicy(
    `${name}-proxy`,
    {
      role: role.name,
      policy: secretArn.apply((arn) =>
        JSON.stringify({
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", Action: "secretsmanager:GetSecretValue", Resource: arn }],
        }),
      ),
    },
    { parent },
  );
  const proxy = new DatabaseProxy(
    ...transformed(
      args.transform?.proxy,
      name,
      {
        engineFamily: "POSTGRESQL",
        requireTls: true,
        roleArn: role.arn,
        auths: [{ authScheme: "SECRETS", iamAuth: "DISABLED", secretArn }],
        vpcSubnetIds: args.network.subnetIds.data,
        vpcSecurityGroupIds: [securityGroupId],
        tags: { ...args.tags },
      },
      { parent, dependsOn: [access] },
    ),
  );
  const group = new ProxyDefaultTargetGroup(
    name,
    { dbProxyName: proxy.name, connectionPoolConfig: { maxConnectionsPercent: 90 } },
    { parent },
  );
  const target = new ProxyTarget(
    name,
    { dbProxyName: proxy.name, targetGroupName: group.name, dbInstanceIdentifier: instance.identifier },
    { parent },
  );
  return pulumi.all([proxy.endpoint, target.id]).apply(([endpoint]) => endpoint);
}
