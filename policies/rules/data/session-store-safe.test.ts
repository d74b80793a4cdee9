import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./session-store-safe";

export const examples = ruleTest(rule, {
  violating: {
    "as AWS has it": [
      sample("elasticache/replicationGroup", "sessions", {
        description: "sessions",
        nodeType: "cache.t4g.small",
      }),
    ],
    "a single cluster": [
      sample("elasticache/cluster", "sessions", {
        engine: "redis",
        nodeType: "cache.t4g.small",
        numCacheNodes: 1,
      }),
    ],
  },
  compliant: {
    safe: [
      sample("elasticache/replicationGroup", "sessions", {
        description: "sessions",
        nodeType: "cache.t4g.small",
        numCacheClusters: 2,
        atRestEncryptionEnabled: true,
        transitEncryptionEnabled: true,
        userGroupIds: ["shop"],
        automaticFailoverEnabled: true,
        multiAzEnabled: true,
        snapshotRetentionLimit: 3,
      }),
    ],
  },
});
