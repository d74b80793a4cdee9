import { stackRule } from "../../rule";
import { knownItems } from "../../values";

export const rule = stackRule({
  name: "default-security-group-closed",
  title: "The default security group of every VPC is managed and lets nothing through.",
  severity: "high",
  ids: ["CKV2_AWS_12", "NIST-VPCDefaultSecurityGroupClosed", "FSBP.EC2.2", "CIS.5.5"],
  why: "Whatever is created without a security group lands in the default one, which lets its members talk to each other and out.",
  fix: "Add an aws.ec2.DefaultSecurityGroup for the VPC, without ingress and egress.",
  kinds: ["ec2/vpc"],
  checkStack: (stack, report) => {
    for (const vpc of stack.of("ec2/vpc")) {
      const [group] = stack.pointing("ec2/defaultSecurityGroup", "vpcId", vpc);
      if (!group) report(vpc, "The VPC's default security group is not managed.");
      else if (knownItems(group.props, "ingress").length + knownItems(group.props, "egress").length > 0) {
        report(group, "The default security group lets traffic through.");
      }
    }
  },
});
