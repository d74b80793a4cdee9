import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./no-remote-administration-from-internet";

export const examples = ruleTest(rule, {
  violating: {
    "written in the group": [
      sample("ec2/securityGroup", "inline", {
        description: "admin",
        ingress: [
          { protocol: "tcp", fromPort: 22, toPort: 22, cidrBlocks: ["0.0.0.0/0"], description: "ssh" },
        ],
      }),
    ],
    "in a rule of its own": [
      sample("vpc/securityGroupIngressRule", "own", {
        securityGroupId: "sg-12345678",
        ipProtocol: "tcp",
        fromPort: 3389,
        toPort: 3389,
        cidrIpv4: "0.0.0.0/0",
      }),
    ],
    "in the older kind of rule, over IPv6, within a range": [
      sample("ec2/securityGroupRule", "older", {
        securityGroupId: "sg-12345678",
        type: "ingress",
        protocol: "tcp",
        fromPort: 0,
        toPort: 1024,
        ipv6CidrBlocks: ["::/0"],
      }),
    ],
    "in two halves": [
      sample("vpc/securityGroupIngressRule", "half", {
        securityGroupId: "sg-12345678",
        ipProtocol: "tcp",
        fromPort: 22,
        toPort: 22,
        cidrIpv4: "128.0.0.0/1",
      }),
    ],
  },
  compliant: {
    "from the office": [
      sample("vpc/securityGroupIngressRule", "office", {
        securityGroupId: "sg-12345678",
        ipProtocol: "tcp",
        fromPort: 22,
        toPort: 22,
        cidrIpv4: "203.0.113.0/24",
      }),
    ],
    "another port": [
      sample("vpc/securityGroupIngressRule", "web", {
        securityGroupId: "sg-12345678",
        ipProtocol: "tcp",
        fromPort: 443,
        toPort: 443,
        cidrIpv4: "0.0.0.0/0",
      }),
    ],
  },
});
