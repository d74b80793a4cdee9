import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./security-groups-described";

export const examples = ruleTest(rule, {
  violating: {
    "a group without": [sample("ec2/securityGroup", "silent", {})],
    "a rule without": [
      sample("vpc/securityGroupIngressRule", "silent", {
        securityGroupId: "sg-12345678",
        ipProtocol: "tcp",
        fromPort: 443,
        toPort: 443,
        cidrIpv4: "10.0.0.0/8",
      }),
    ],
  },
  compliant: {
    "both told": [
      sample("ec2/securityGroup", "told", { description: "the shop's machines" }),
      sample("vpc/securityGroupIngressRule", "told", {
        securityGroupId: "sg-12345678",
        ipProtocol: "tcp",
        fromPort: 443,
        toPort: 443,
        cidrIpv4: "10.0.0.0/8",
        description: "other services",
      }),
    ],
  },
});
