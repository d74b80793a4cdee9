import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./database-backups";

export const examples = ruleTest(rule, {
  violating: {
    none: [
      sample("rds/instance", "db", {
        engine: "postgres",
        instanceClass: "db.t4g.medium",
        allocatedStorage: 20,
        username: "shop",
        manageMasterUserPassword: true,
      }),
    ],
    "three days": [
      sample("rds/cluster", "db", {
        engine: "aurora-postgresql",
        masterUsername: "shop",
        manageMasterUserPassword: true,
        backupRetentionPeriod: 3,
      }),
    ],
  },
  compliant: {
    "two weeks": [
      sample("rds/instance", "db", {
        engine: "postgres",
        instanceClass: "db.t4g.medium",
        allocatedStorage: 20,
        username: "shop",
        manageMasterUserPassword: true,
        backupRetentionPeriod: 14,
      }),
    ],
  },
});
