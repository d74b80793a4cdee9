import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./pinned-image";

export const examples = ruleTest(rule, {
  violating: {
    "resolved at start": [
      sample("ec2/launchTemplate", "web", {
        imageId: "resolve:ssm:/aws/service/debian/release/12/latest/amd64",
      }),
    ],
    "not one of ours": [sample("ec2/launchTemplate", "web", { imageId: "ami-00000000000000bad" })],
  },
  compliant: { "one of ours": [sample("ec2/launchTemplate", "web", { imageId: "ami-0123456789abcdef0" })] },
  settings: { images: ["ami-0123456789abcdef0"] },
});
