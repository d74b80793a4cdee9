import { SecurityGroup } from "@pulumi/aws/ec2/securityGroup";
import { SecurityGroupEgressRule } from "@pulumi/aws/vpc/securityGroupEgressRule";
import { SecurityGroupIngressRule } from "@pulumi/aws/vpc/securityGroupIngressRule";
import type * as pulumi from "@pulumi/pulumi";
import type { NetworkLike } from "../network";

/** The security group of a store, which lets in named security groups on one port, and nothing and nobody else. */
export class Doors {
  readonly group: SecurityGroup;

  constructor(
    private readonly name: string,
    private readonly port: number,
    network: NetworkLike,
    tags: Record<string, string> | undefined,
    private readonly parent: pulumi.Resource,
  ) {
    this.group = new SecurityGroup(
      name,
      { vpcId: network.vpcId, description: `Who may reach ${name}`, tags: { ...tags, Name: name } },
      { parent },
    );
  }

  /** Lets a security group in, and lets it out to here: a machine may have no other way out than the web's ports. */
  open(who: string, securityGroupId: pulumi.Input<string>): void {
    const rule = { ipProtocol: "tcp", fromPort: this.port, toPort: this.port };
    const parent = { parent: this.parent };
    new SecurityGroupIngressRule(
      `${this.name}-from-${who}`,
      {
        ...rule,
        securityGroupId: this.group.id,
        referencedSecurityGroupId: securityGroupId,
        description: `from ${who}`,
      },
      parent,
    );
    new SecurityGroupEgressRule(
      `${this.name}-to-${who}`,
      {
        ...rule,
        securityGroupId,
        referencedSecurityGroupId: this.group.id,
        description: `${who} to ${this.name}`,
      },
      parent,
    );
  }
}
