import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./launch-templates";

export const examples = ruleTest(rule, {
  violating: {
    "a launch configuration": [
      sample("ec2/launchConfiguration", "web", {
        imageId: "ami-0123456789abcdef0",
        instanceType: "t3.small",
      }),
    ],
  },
  compliant: {
    "a launch template": [
      sample("ec2/launchTemplate", "web", { imageId: "ami-0123456789abcdef0", instanceType: "t3.small" }),
    ],
  },
});
