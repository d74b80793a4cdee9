import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./backups-out-of-reach";

export const examples = ruleTest(rule, {
  violating: { "one copy": [sample("s3/bucket", "archive", {})] },
  compliant: {
    locked: [sample("s3/bucket", "archive", { objectLockEnabled: true })],
    "no backups": [sample("s3/bucket", "files", {})],
  },
  settings: { words: ["archive"] },
});
