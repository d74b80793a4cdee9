import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./declared-networks-only";

export const examples = ruleTest(rule, {
  violating: {
    "all of 10": [
      sample("vpc/securityGroupIngressRule", "wide", {
        securityGroupId: "sg-12345678",
        ipProtocol: "tcp",
        fromPort: 443,
        toPort: 443,
        cidrIpv4: "10.0.0.0/8",
      }),
    ],
  },
  compliant: {
    "a part of the office": [
      sample("vpc/securityGroupIngressRule", "office", {
        securityGroupId: "sg-12345678",
        ipProtocol: "tcp",
        fromPort: 443,
        toPort: 443,
        cidrIpv4: "10.99.7.0/24",
      }),
    ],
  },
  settings: { networks: ["10.99.0.0/16"] },
});
