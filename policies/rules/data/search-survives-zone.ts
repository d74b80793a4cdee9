import { resourceRule } from "../../rule";
import { isTrue, list } from "../../values";

export const rule = resourceRule({
  name: "search-survives-zone",
  title: "In prod-like environments OpenSearch domains survive the loss of a zone.",
  severity: "medium",
  only: "protected",
  ids: ["CKV_AWS_318", "CKV2_AWS_59", "AwsSolutions-OS4", "AwsSolutions-OS7", "FSBP.Opensearch.6"],
  why: "Two masters cannot tell who of them is cut off, and one zone's nodes hold the only copy.",
  fix: "Set clusterConfig with dedicatedMasterCount: 3, instanceCount: 3 or more, and zoneAwarenessEnabled.",
  kinds: ["opensearch/domain"],
  check: ({ props }, report) => {
    const [cluster = {}] = list(props.clusterConfig);
    if (!isTrue(cluster.dedicatedMasterEnabled) || Number(cluster.dedicatedMasterCount ?? 0) < 3)
      report("There are fewer than 3 dedicated masters.");
    if (Number(cluster.instanceCount ?? 1) < 3)
      report(`There are ${cluster.instanceCount ?? 1} data nodes, fewer than 3.`);
    if (!isTrue(cluster.zoneAwarenessEnabled)) report("All nodes are in one zone.");
  },
});
