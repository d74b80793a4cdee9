import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./no-forced-deletion";

export const examples = ruleTest(rule, {
  violating: {
    "a bucket": [sample("s3/bucket", "files", { forceDestroy: true })],
    "a database": [
      sample("rds/instance", "db", {
        engine: "postgres",
        instanceClass: "db.t4g.medium",
        allocatedStorage: 20,
        username: "shop",
        manageMasterUserPassword: true,
        skipFinalSnapshot: true,
      }),
    ],
  },
  compliant: {
    "a bucket that stays": [sample("s3/bucket", "files", {})],
    "a replica": [
      sample("rds/instance", "reader", {
        replicateSourceDb: "shop",
        instanceClass: "db.t4g.medium",
        skipFinalSnapshot: true,
      }),
    ],
  },
});
