import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./no-default-vpc";

export const examples = ruleTest(rule, {
  violating: { adopted: [sample("ec2/defaultVpc", "default", {})] },
  compliant: { "one of its own": [sample("ec2/vpc", "main", { cidrBlock: "10.0.0.0/16" })] },
});
