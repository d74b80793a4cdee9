import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./database-private";

export const examples = ruleTest(rule, {
  violating: {
    public: [
      sample("rds/instance", "db", {
        engine: "postgres",
        instanceClass: "db.t4g.medium",
        allocatedStorage: 20,
        username: "shop",
        manageMasterUserPassword: true,
        storageEncrypted: true,
        publiclyAccessible: true,
      }),
    ],
    "in the clear": [
      sample("rds/cluster", "db", {
        engine: "aurora-postgresql",
        masterUsername: "shop",
        manageMasterUserPassword: true,
      }),
    ],
  },
  compliant: {
    neither: [
      sample("rds/instance", "db", {
        engine: "postgres",
        instanceClass: "db.t4g.medium",
        allocatedStorage: 20,
        username: "shop",
        manageMasterUserPassword: true,
        storageEncrypted: true,
      }),
    ],
  },
});
