import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./allowed-machine-types";

export const examples = ruleTest(rule, {
  violating: { "a large one": [sample("ec2/launchTemplate", "web", { instanceType: "m6i.24xlarge" })] },
  compliant: { "an allowed one": [sample("ec2/launchTemplate", "web", { instanceType: "t3.small" })] },
  settings: { types: ["t3.small", "t3.medium"] },
});
