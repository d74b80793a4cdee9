import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./required-tags";

export const examples = ruleTest(rule, {
  violating: {
    none: [sample("s3/bucket", "files", {})],
    "not handed on": [
      sample("autoscaling/group", "web", {
        maxSize: 4,
        minSize: 2,
        vpcZoneIdentifiers: ["subnet-1a2b3c4d", "subnet-2a2b3c4d"],
        launchTemplate: { id: "lt-0123456789abcdef0", version: "1" },
        tags: [{ key: "Owner", value: "shop", propagateAtLaunch: false }],
      }),
    ],
  },
  compliant: {
    owned: [sample("s3/bucket", "files", { tags: { Owner: "shop" } })],
    "handed on": [
      sample("autoscaling/group", "web", {
        maxSize: 4,
        minSize: 2,
        vpcZoneIdentifiers: ["subnet-1a2b3c4d", "subnet-2a2b3c4d"],
        launchTemplate: { id: "lt-0123456789abcdef0", version: "1" },
        tags: [{ key: "Owner", value: "shop", propagateAtLaunch: true }],
      }),
    ],
  },
  settings: { tags: ["Owner"] },
});
