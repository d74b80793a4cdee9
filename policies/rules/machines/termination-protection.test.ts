import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./termination-protection";

export const examples = ruleTest(rule, {
  violating: {
    unprotected: [sample("ec2/instance", "pet", { ami: "ami-0123456789abcdef0", instanceType: "t3.small" })],
  },
  compliant: {
    protected: [
      sample("ec2/instance", "pet", {
        ami: "ami-0123456789abcdef0",
        instanceType: "t3.small",
        disableApiTermination: true,
      }),
    ],
  },
});
