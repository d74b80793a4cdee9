import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./two-zones";

export const examples = ruleTest(rule, {
  violating: {
    "one subnet": [
      sample("autoscaling/group", "web", {
        maxSize: 4,
        minSize: 2,
        vpcZoneIdentifiers: ["subnet-1a2b3c4d"],
        launchTemplate: { id: "lt-0123456789abcdef0", version: "1" },
      }),
    ],
  },
  compliant: {
    two: [
      sample("autoscaling/group", "web", {
        maxSize: 4,
        minSize: 2,
        vpcZoneIdentifiers: ["subnet-1a2b3c4d", "subnet-2a2b3c4d"],
        launchTemplate: { id: "lt-0123456789abcdef0", version: "1" },
      }),
    ],
  },
});
