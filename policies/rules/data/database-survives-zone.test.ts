import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./database-survives-zone";

export const examples = ruleTest(rule, {
  violating: {
    alone: [
      sample("rds/instance", "db", {
        engine: "postgres",
        instanceClass: "db.t4g.medium",
        allocatedStorage: 20,
        username: "shop",
        manageMasterUserPassword: true,
      }),
    ],
  },
  compliant: {
    "with a standby": [
      sample("rds/instance", "db", {
        engine: "postgres",
        instanceClass: "db.t4g.medium",
        allocatedStorage: 20,
        username: "shop",
        manageMasterUserPassword: true,
        multiAz: true,
        deletionProtection: true,
      }),
    ],
    "a replica": [
      sample("rds/instance", "reader", {
        replicateSourceDb: "shop",
        instanceClass: "db.t4g.medium",
        skipFinalSnapshot: true,
      }),
    ],
  },
});
