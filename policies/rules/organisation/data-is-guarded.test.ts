import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./data-is-guarded";

export const examples = ruleTest(rule, {
  violating: { open: [sample("s3/bucket", "files", {})] },
  compliant: { guarded: [sample("s3/bucket", "files", {}, true)] },
});
