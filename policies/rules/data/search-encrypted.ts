import { resourceRule } from "../../rule";
import { isTrue, list } from "../../values";

export const rule = resourceRule({
  name: "search-encrypted",
  title: "OpenSearch domains are encrypted at rest and between nodes.",
  severity: "high",
  ids: [
    "CKV_AWS_5",
    "CKV_AWS_6",
    "AwsSolutions-OS8",
    "AwsSolutions-OS2",
    "FSBP.Opensearch.1",
    "FSBP.Opensearch.3",
  ],
  why: "Logs hold what users did, and often what they typed.",
  fix: "Set encryptAtRest.enabled and nodeToNodeEncryption.enabled to true.",
  kinds: ["opensearch/domain"],
  check: ({ props }, report) => {
    if (!isTrue(list(props.encryptAtRest)[0]?.enabled)) report("Data at rest is not encrypted.");
    if (!isTrue(list(props.nodeToNodeEncryption)[0]?.enabled))
      report("Traffic between nodes is not encrypted.");
  },
});
