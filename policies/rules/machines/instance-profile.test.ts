import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./instance-profile";

export const examples = ruleTest(rule, {
  violating: {
    none: [sample("ec2/instance", "pet", { ami: "ami-0123456789abcdef0", instanceType: "t3.small" })],
  },
  compliant: {
    attached: [sample("ec2/launchTemplate", "web", { iamInstanceProfile: { name: "web" } })],
    "attached to an instance": [
      sample("ec2/instance", "pet", {
        ami: "ami-0123456789abcdef0",
        instanceType: "t3.small",
        iamInstanceProfile: "web",
      }),
    ],
  },
});
