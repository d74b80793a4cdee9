import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./several-instance-types";

export const examples = ruleTest(rule, {
  violating: {
    "one type": [
      sample("autoscaling/group", "web", {
        maxSize: 4,
        minSize: 2,
        vpcZoneIdentifiers: ["subnet-1a2b3c4d", "subnet-2a2b3c4d"],
        launchTemplate: { id: "lt-0123456789abcdef0", version: "1" },
      }),
    ],
  },
  compliant: {
    "two types": [
      sample("autoscaling/group", "web", {
        maxSize: 4,
        minSize: 2,
        vpcZoneIdentifiers: ["subnet-1a2b3c4d", "subnet-2a2b3c4d"],
        mixedInstancesPolicy: {
          launchTemplate: {
            launchTemplateSpecification: { launchTemplateId: "lt-0123456789abcdef0", version: "1" },
            overrides: [{ instanceType: "m6i.large" }, { instanceType: "m6a.large" }],
          },
        },
      }),
    ],
  },
});
