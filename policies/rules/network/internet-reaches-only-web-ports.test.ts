import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./internet-reaches-only-web-ports";

export const examples = ruleTest(rule, {
  violating: {
    "a database port": [
      sample("vpc/securityGroupIngressRule", "db", {
        securityGroupId: "sg-12345678",
        ipProtocol: "tcp",
        fromPort: 5432,
        toPort: 5432,
        cidrIpv4: "0.0.0.0/0",
      }),
    ],
    everything: [
      sample("ec2/securityGroup", "all", {
        description: "all",
        ingress: [{ protocol: "-1", fromPort: 0, toPort: 0, cidrBlocks: ["0.0.0.0/0"], description: "all" }],
      }),
    ],
    "hidden in a prefix list": [
      sample("ec2/managedPrefixList", "list", {
        name: "partners",
        addressFamily: "IPv4",
        maxEntries: 2,
        entries: [{ cidr: "0.0.0.0/0", description: "for now" }],
      }),
    ],
  },
  compliant: {
    HTTPS: [
      sample("vpc/securityGroupIngressRule", "https", {
        securityGroupId: "sg-12345678",
        ipProtocol: "tcp",
        fromPort: 443,
        toPort: 443,
        cidrIpv4: "0.0.0.0/0",
      }),
    ],
    "a partner's list": [
      sample("ec2/managedPrefixList", "list", {
        name: "partners",
        addressFamily: "IPv4",
        maxEntries: 2,
        entries: [{ cidr: "198.51.100.0/24", description: "their office" }],
      }),
    ],
  },
});
