import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./no-forced-deletion";

export const examples = ruleTest(rule, {
  violating: { "a bucket": [sample("s3/bucket", "files", { forceDestroy: true })] },
  compliant: { "a bucket that stays": [sample("s3/bucket", "files", {})] },
});
