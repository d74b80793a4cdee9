import { stackRule } from "../../rule";
import { knownItems } from "../../values";

const RULES = ["ec2/securityGroupRule", "vpc/securityGroupIngressRule", "vpc/securityGroupEgressRule"];

export const rule = stackRule({
  name: "one-way-of-writing-rules",
  title: "A security group has its rules either inside of it or in resources of their own.",
  severity: "medium",
  ids: ["AWSGuard.security-group-no-rule-management-conflicts"],
  why: "Mixed, each update removes the rules that the other way has made.",
  fix: "Move the rules inside of the group into aws.vpc.SecurityGroupIngressRule and SecurityGroupEgressRule.",
  kinds: ["ec2/securityGroup"],
  checkStack: (stack, report) => {
    for (const group of stack.of("ec2/securityGroup")) {
      const inside = knownItems(group.props, "ingress").length + knownItems(group.props, "egress").length > 0;
      const outside = stack.pointing(RULES, "securityGroupId", group);
      // A group that exists shows the rules of its own resources among its outputs: only a difference is telling.
      const own = knownItems(group.props, "ingress").length + knownItems(group.props, "egress").length;
      if (inside && outside.length > 0 && own > outside.length) {
        report(group, `Besides rules inside of it, ${outside.length} of its rules are resources.`);
      }
    }
  },
});
