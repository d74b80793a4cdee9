import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./machines-within-budget";

export const examples = ruleTest(rule, {
  violating: {
    "a hundred": [
      sample("autoscaling/group", "web", {
        maxSize: 100,
        minSize: 2,
        vpcZoneIdentifiers: ["subnet-1a2b3c4d", "subnet-2a2b3c4d"],
        launchTemplate: { id: "lt-0123456789abcdef0", version: "1" },
      }),
    ],
  },
  compliant: {
    four: [
      sample("autoscaling/group", "web", {
        maxSize: 4,
        minSize: 2,
        vpcZoneIdentifiers: ["subnet-1a2b3c4d", "subnet-2a2b3c4d"],
        launchTemplate: { id: "lt-0123456789abcdef0", version: "1" },
      }),
    ],
  },
  settings: { machines: 12 },
});
