import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./database-observed";

export const examples = ruleTest(rule, {
  violating: {
    "nothing said": [
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
    all: [
      sample("rds/instance", "db", {
        engine: "postgres",
        instanceClass: "db.t4g.medium",
        allocatedStorage: 20,
        username: "shop",
        manageMasterUserPassword: true,
        enabledCloudwatchLogsExports: ["postgresql"],
        copyTagsToSnapshot: true,
      }),
    ],
  },
});
