import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./no-unrestricted-egress";

export const examples = ruleTest(rule, {
  violating: {
    "written in the group": [
      sample("ec2/securityGroup", "out", {
        description: "out",
        egress: [{ protocol: "-1", fromPort: 0, toPort: 0, cidrBlocks: ["0.0.0.0/0"], description: "all" }],
      }),
    ],
    "a rule of its own": [
      sample("vpc/securityGroupEgressRule", "own", {
        securityGroupId: "sg-12345678",
        ipProtocol: "-1",
        cidrIpv4: "0.0.0.0/0",
      }),
    ],
  },
  compliant: {
    "HTTPS only": [
      sample("vpc/securityGroupEgressRule", "https", {
        securityGroupId: "sg-12345678",
        ipProtocol: "tcp",
        fromPort: 443,
        toPort: 443,
        cidrIpv4: "0.0.0.0/0",
      }),
    ],
  },
});
