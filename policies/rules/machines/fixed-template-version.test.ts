import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./fixed-template-version";

export const examples = ruleTest(rule, {
  violating: {
    "the latest": [
      sample("autoscaling/group", "web", {
        maxSize: 4,
        minSize: 2,
        vpcZoneIdentifiers: ["subnet-1a2b3c4d", "subnet-2a2b3c4d"],
        launchTemplate: { id: "lt-0123456789abcdef0", version: "$Latest" },
      }),
    ],
    "none said": [
      sample("autoscaling/group", "web", {
        maxSize: 4,
        minSize: 2,
        vpcZoneIdentifiers: ["subnet-1a2b3c4d", "subnet-2a2b3c4d"],
        launchTemplate: { id: "lt-0123456789abcdef0" },
      }),
    ],
  },
  compliant: {
    "a number": [
      sample("autoscaling/group", "web", {
        maxSize: 4,
        minSize: 2,
        vpcZoneIdentifiers: ["subnet-1a2b3c4d", "subnet-2a2b3c4d"],
        launchTemplate: { id: "lt-0123456789abcdef0", version: "3" },
      }),
    ],
  },
});
