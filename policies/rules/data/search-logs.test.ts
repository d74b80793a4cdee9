import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./search-logs";

export const examples = ruleTest(rule, {
  violating: { none: [sample("opensearch/domain", "logs", { engineVersion: "OpenSearch_2.19" })] },
  compliant: {
    both: [
      sample("opensearch/domain", "logs", {
        engineVersion: "OpenSearch_2.19",
        logPublishingOptions: ["ES_APPLICATION_LOGS", "AUDIT_LOGS"].map((logType) => ({
          logType,
          cloudwatchLogGroupArn: "arn:aws:logs:eu-central-1:123456789012:log-group:search",
        })),
      }),
    ],
  },
});
