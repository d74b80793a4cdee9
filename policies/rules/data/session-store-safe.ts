import { resourceRule } from "../../rule";
import { given, isTrue } from "../../values";

export const rule = resourceRule({
  name: "session-store-safe",
  title:
    "Session stores are encrypted and ask for a password; in prod-like environments they survive the loss of a node.",
  severity: "high",
  ids: [
    "CKV_AWS_29",
    "CKV_AWS_30",
    "CKV_AWS_31",
    "CKV_AWS_134",
    "CKV2_AWS_50",
    "AwsSolutions-AEC3",
    "AwsSolutions-AEC4",
    "AwsSolutions-AEC6",
    "FSBP.ElastiCache.1",
    "FSBP.ElastiCache.3",
    "FSBP.ElastiCache.4",
    "FSBP.ElastiCache.5",
    "FSBP.ElastiCache.6",
  ],
  why: "Whoever reads a session is its user; when the only node goes, everybody is logged out.",
  fix: "Set atRestEncryptionEnabled, transitEncryptionEnabled, a user group or authToken; in prod-like environments automaticFailoverEnabled, multiAzEnabled and snapshotRetentionLimit.",
  kinds: ["elasticache/replicationGroup", "elasticache/cluster"],
  check: ({ kind, props }, report, facts) => {
    if (kind === "elasticache/cluster") {
      // A node of a replication group has all of this from there.
      if (!given(props, "replicationGroupId") && props.engine !== "memcached") {
        report("A single cluster can neither encrypt at rest nor fail over: use a replication group.");
      }
      return;
    }
    if (!isTrue(props.atRestEncryptionEnabled)) report("Data at rest is not encrypted.");
    if (!isTrue(props.transitEncryptionEnabled)) report("Connections are not encrypted.");
    if (!given(props, "userGroupIds") && !given(props, "authToken"))
      report("Nobody has to say who they are.");
    if (!facts.protected) return;
    if (!isTrue(props.automaticFailoverEnabled)) report("There is no failover.");
    if (!isTrue(props.multiAzEnabled)) report("All nodes may be in one zone.");
    if (Number(props.snapshotRetentionLimit ?? 0) < 1) report("There are no snapshots.");
  },
});
