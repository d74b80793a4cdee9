import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./allowed-database-classes";

export const examples = ruleTest(rule, {
  violating: {
    "a large one": [
      sample("rds/instance", "db", {
        engine: "postgres",
        instanceClass: "db.r6g.16xlarge",
        allocatedStorage: 20,
        username: "shop",
        manageMasterUserPassword: true,
      }),
    ],
  },
  compliant: {
    "an allowed one": [
      sample("rds/instance", "db", {
        engine: "postgres",
        instanceClass: "db.t4g.medium",
        allocatedStorage: 20,
        username: "shop",
        manageMasterUserPassword: true,
      }),
    ],
  },
  settings: { classes: ["db.t4g.medium"] },
});
