import { resourceRule } from "../../rule";
import { given, isTrue } from "../../values";

export const rule = resourceRule({
  name: "database-private",
  title: "Databases are encrypted and have no public address.",
  severity: "critical",
  ids: [
    "CKV_AWS_16",
    "CKV_AWS_17",
    "CKV_AWS_96",
    "AwsSolutions-RDS2",
    "NIST-RDSInstancePublicAccess",
    "FSBP.RDS.3",
    "FSBP.RDS.2",
    "CIS.2.2.1",
    "CIS.2.2.3",
  ],
  why: "A database on the internet is guessed at day and night; encryption cannot be switched on later.",
  fix: "Set storageEncrypted to true and leave publiclyAccessible off.",
  kinds: ["rds/instance", "rds/cluster", "rds/clusterInstance"],
  check: ({ kind, props }, report) => {
    if (isTrue(props.publiclyAccessible)) report("The database has a public address.");
    // A replica and a cluster's instance have it from where they belong.
    const inherits =
      kind === "rds/clusterInstance" ||
      given(props, "replicateSourceDb") ||
      given(props, "snapshotIdentifier");
    if (!inherits && !isTrue(props.storageEncrypted)) report("The storage is not encrypted.");
  },
});
