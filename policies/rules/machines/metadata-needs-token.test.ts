import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./metadata-needs-token";

export const examples = ruleTest(rule, {
  violating: {
    "as AWS has it": [sample("ec2/launchTemplate", "web", { imageId: "ami-0123456789abcdef0" })],
    optional: [
      sample("ec2/instance", "pet", {
        ami: "ami-0123456789abcdef0",
        instanceType: "t3.small",
        metadataOptions: { httpTokens: "optional" },
      }),
    ],
  },
  compliant: {
    required: [
      sample("ec2/launchTemplate", "web", {
        metadataOptions: { httpTokens: "required", httpEndpoint: "enabled" },
      }),
    ],
  },
});
