import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./retention";

export const examples = ruleTest(rule, {
  violating: {
    "for ever": [sample("cloudwatch/logGroup", "app", {})],
    "a week": [sample("cloudwatch/logGroup", "app", { retentionInDays: 7 })],
  },
  compliant: { "a year": [sample("cloudwatch/logGroup", "app", { retentionInDays: 365 })] },
  settings: { days: 365 },
});
