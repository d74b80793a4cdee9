import { InstanceProfile } from "@pulumi/aws/iam/instanceProfile";
import { Role, type RoleArgs } from "@pulumi/aws/iam/role";
import { RolePolicyAttachment } from "@pulumi/aws/iam/rolePolicyAttachment";
import * as pulumi from "@pulumi/pulumi";
import { type Transform, transformed } from "../shared/transform";

export interface MachineRoleArgs {
  /** ARNs of managed policies that the machines get besides access for SSM Session Manager. Default: none. */
  readonly managedPolicyArns?: readonly string[];
  readonly tags?: Record<string, string>;
  readonly transform?: { readonly role?: Transform<RoleArgs> };
}

/** Lets administrators in through SSM Session Manager, so that no machine needs an SSH port open. */
const SSM_CORE = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore";

/** What a machine may do in AWS: nothing but SSM, until something grants it more. */
export class MachineRole extends pulumi.ComponentResource {
  /** Name of the IAM role, which grants attach policies to. */
  public readonly roleName: pulumi.Output<string>;
  public readonly roleArn: pulumi.Output<string>;
  public readonly instanceProfileArn: pulumi.Output<string>;

  constructor(name: string, args: MachineRoleArgs = {}, opts?: pulumi.ComponentResourceOptions) {
    super("retrofit:machine:MachineRole", name, args, opts);
    const role = new Role(
      ...transformed(
        args.transform?.role,
        name,
        {
          assumeRolePolicy: JSON.stringify({
            Version: "2012-10-17",
            Statement: [
              { Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" },
            ],
          }),
          tags: { ...args.tags },
        },
        { parent: this },
      ),
    );
    for (const [index, policyArn] of [SSM_CORE, ...(args.managedPolicyArns ?? [])].entries()) {
      new RolePolicyAttachment(`${name}-policy-${index}`, { role: role.name, policyArn }, { parent: this });
    }
    const profile = new InstanceProfile(name, { role: role.name, tags: { ...args.tags } }, { parent: this });
    this.roleName = role.name;
    this.roleArn = role.arn;
    this.instanceProfileArn = profile.arn;
    this.registerOutputs({
      roleName: this.roleName,
      roleArn: this.roleArn,
      instanceProfileArn: this.instanceProfileArn,
    });
  }
}
