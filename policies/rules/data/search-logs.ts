import { resourceRule } from "../../rule";
import { list } from "../../values";

export const rule = resourceRule({
  name: "search-logs",
  title: "OpenSearch domains publish their error and audit logs.",
  severity: "medium",
  ids: [
    "CKV_AWS_84",
    "CKV_AWS_317",
    "AwsSolutions-OS9",
    "NIST-OpenSearchErrorLogsToCloudWatch",
    "FSBP.Opensearch.4",
    "FSBP.Opensearch.5",
  ],
  why: "Why an index turned red, and who read it, is told nowhere else.",
  fix: "Add logPublishingOptions for ES_APPLICATION_LOGS and AUDIT_LOGS.",
  kinds: ["opensearch/domain"],
  check: ({ props }, report) => {
    const published = list(props.logPublishingOptions)
      .filter(({ enabled }) => enabled !== false)
      .map(({ logType }) => logType);
    const missing = ["ES_APPLICATION_LOGS", "AUDIT_LOGS"].filter((type) => !published.includes(type));
    if (missing.length > 0) report(`Not published: ${missing.join(", ")}.`);
  },
});
