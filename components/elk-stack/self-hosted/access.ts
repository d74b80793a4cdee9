import { SecurityGroup } from "@pulumi/aws/ec2/securityGroup";
import { RolePolicy } from "@pulumi/aws/iam/rolePolicy";
import { SecurityGroupEgressRule } from "@pulumi/aws/vpc/securityGroupEgressRule";
import { SecurityGroupIngressRule } from "@pulumi/aws/vpc/securityGroupIngressRule";
import * as pulumi from "@pulumi/pulumi";
import { attachStatements, grantSecrets, MachineRole } from "../../machine";
import type { SelfHostedStoreArgs } from "../args";
import { snapshotStatements } from "../snapshot-access";
import { STORE_TAG } from "./replacement-gate";

/** Nodes speak to each other on 9300; who speaks to them on other ports comes through the balancer. */
const TRANSPORT_PORT = 9300;

export interface NodeRights {
  readonly id: pulumi.Input<string>;
  readonly volumeArns: readonly pulumi.Input<string>[];
  readonly secretArns: readonly pulumi.Input<string>[];
}

/** A node may attach its store's disks, find its neighbours, read the store's secrets and write its snapshots. */
export function makeNodeRole(
  name: string,
  args: SelfHostedStoreArgs,
  rights: NodeRights,
  parent: pulumi.Resource,
): { role: MachineRole; granted: pulumi.Resource[] } {
  const role = new MachineRole(name, { ...(args.tags && { tags: args.tags }) }, { parent });
  const policy = pulumi
    .all([rights.id, pulumi.all([...rights.volumeArns]), args.snapshots?.bucket ?? ""])
    .apply(([id, volumes, bucket]) =>
      JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          // Who is there cannot be limited to some machines.
          { Effect: "Allow", Action: ["ec2:DescribeInstances"], Resource: ["*"] },
          ...attachStatements(volumes, { key: STORE_TAG, value: id }),
          ...(args.snapshots ? snapshotStatements(bucket, args.snapshots.prefix) : []),
        ],
      }),
    );
  const granted = [
    new RolePolicy(`${name}-node`, { role: role.roleName, policy }, { parent: role }),
    grantSecrets(name, role, rights.secretArns, { parent: role }),
  ];
  args.configuration.grant(name, role);
  return { role, granted };
}

export function makeNodeSecurity(
  name: string,
  args: SelfHostedStoreArgs,
  parent: pulumi.Resource,
): SecurityGroup {
  const child = `${name}-nodes`;
  const group = new SecurityGroup(
    child,
    {
      vpcId: args.network.vpcId,
      description: `Machines of the log store ${name}`,
      tags: { ...args.tags, Name: child },
    },
    { parent },
  );
  const among = {
    securityGroupId: group.id,
    referencedSecurityGroupId: group.id,
    ipProtocol: "tcp",
    fromPort: TRANSPORT_PORT,
    toPort: TRANSPORT_PORT,
    description: "nodes among themselves",
  };
  new SecurityGroupIngressRule(`${child}-among-in`, among, { parent });
  new SecurityGroupEgressRule(`${child}-among-out`, among, { parent });
  for (const port of [80, 443]) {
    new SecurityGroupEgressRule(
      `${child}-out-${port}`,
      {
        securityGroupId: group.id,
        ipProtocol: "tcp",
        fromPort: port,
        toPort: port,
        cidrIpv4: "0.0.0.0/0",
        description: port === 80 ? "package mirrors" : "AWS and mirrors of programs",
      },
      { parent },
    );
  }
  return group;
}
