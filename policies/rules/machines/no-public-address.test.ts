import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./no-public-address";

export const examples = ruleTest(rule, {
  violating: {
    "an instance": [
      sample("ec2/instance", "pet", {
        ami: "ami-0123456789abcdef0",
        instanceType: "t3.small",
        associatePublicIpAddress: true,
      }),
    ],
    "a launch template's interface": [
      sample("ec2/launchTemplate", "web", { networkInterfaces: [{ associatePublicIpAddress: "true" }] }),
    ],
  },
  compliant: {
    none: [sample("ec2/instance", "pet", { ami: "ami-0123456789abcdef0", instanceType: "t3.small" })],
  },
});
