import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./search-survives-zone";

export const examples = ruleTest(rule, {
  violating: { "one node": [sample("opensearch/domain", "logs", { engineVersion: "OpenSearch_2.19" })] },
  compliant: {
    "three and three": [
      sample("opensearch/domain", "logs", {
        engineVersion: "OpenSearch_2.19",
        clusterConfig: {
          dedicatedMasterEnabled: true,
          dedicatedMasterCount: 3,
          dedicatedMasterType: "m6g.large.search",
          instanceCount: 3,
          instanceType: "m6g.large.search",
          zoneAwarenessEnabled: true,
          zoneAwarenessConfig: { availabilityZoneCount: 3 },
        },
      }),
    ],
  },
});
