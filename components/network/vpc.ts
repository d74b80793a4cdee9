import * as ec2 from "@pulumi/aws/ec2";
import { transformed } from "../shared/transform";
import type { Context } from "./context";

export function createVpc({ name, settings, transform, opts, tags }: Context): ec2.Vpc {
  return new ec2.Vpc(
    ...transformed<ec2.VpcArgs>(
      transform.vpc,
      name,
      {
        cidrBlock: settings.cidr,
        enableDnsSupport: true,
        enableDnsHostnames: true,
        ...(settings.ipv6 ? { assignGeneratedIpv6CidrBlock: true } : {}),
        tags: tags(name),
      },
      opts,
    ),
  );
}

/**
 * AWS gives each VPC a security group and a network ACL that let everything through, and uses them for whatever names
 * none. Without rules, something that was forgotten gets no traffic and is noticed.
 */
export function lockDefaults({ name, transform, opts, tags }: Context, vpc: ec2.Vpc): void {
  const child = `${name}-default`;
  new ec2.DefaultSecurityGroup(
    ...transformed<ec2.DefaultSecurityGroupArgs>(
      transform.defaultSecurityGroup,
      child,
      { vpcId: vpc.id, tags: tags(child) },
      opts,
    ),
  );
  new ec2.DefaultNetworkAcl(
    ...transformed<ec2.DefaultNetworkAclArgs>(
      transform.defaultNetworkAcl,
      child,
      { defaultNetworkAclId: vpc.defaultNetworkAclId, tags: tags(child) },
      // A new subnet is in it for a moment, until its tier's ACL takes it over; that is not a change to undo.
      { ...opts, ignoreChanges: ["subnetIds"] },
    ),
  );
}
