import { ref, ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./one-way-of-writing-rules";

export const examples = ruleTest(rule, {
  violating: {
    mixed: [
      sample("ec2/securityGroup", "mixed", {
        description: "mixed",
        ingress: [
          { protocol: "tcp", fromPort: 80, toPort: 80, cidrBlocks: ["10.0.0.0/8"], description: "a" },
          { protocol: "tcp", fromPort: 81, toPort: 81, cidrBlocks: ["10.0.0.0/8"], description: "b" },
        ],
      }),
      sample("vpc/securityGroupIngressRule", "https", {
        securityGroupId: ref("mixed"),
        ipProtocol: "tcp",
        fromPort: 443,
        toPort: 443,
        cidrIpv4: "10.0.0.0/8",
      }),
    ],
  },
  compliant: {
    "rules of their own": [
      sample("ec2/securityGroup", "group", { description: "one way" }),
      sample("vpc/securityGroupIngressRule", "https", {
        securityGroupId: ref("group"),
        ipProtocol: "tcp",
        fromPort: 443,
        toPort: 443,
        cidrIpv4: "10.0.0.0/8",
      }),
    ],
  },
});
