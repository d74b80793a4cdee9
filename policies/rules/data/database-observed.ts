import { resourceRule } from "../../rule";
import { given, isTrue } from "../../values";

export const rule = resourceRule({
  name: "database-observed",
  title: "Databases export their logs, tag their snapshots and take minor upgrades.",
  severity: "low",
  ids: [
    "CKV_AWS_129",
    "CKV_AWS_226",
    "CKV_AWS_313",
    "CKV_AWS_324",
    "CKV2_AWS_60",
    "NIST-RDSLoggingEnabled",
    "FSBP.RDS.9",
    "FSBP.RDS.13",
    "FSBP.RDS.17",
    "CIS.2.2.2",
  ],
  why: "Slow queries and refused logins are seen in the log only, and minor upgrades carry the security fixes.",
  fix: "Set enabledCloudwatchLogsExports and copyTagsToSnapshot, and leave autoMinorVersionUpgrade on.",
  kinds: ["rds/instance", "rds/cluster"],
  check: ({ kind, props }, report) => {
    if (!given(props, "enabledCloudwatchLogsExports")) report("No logs are exported.");
    if (!isTrue(props.copyTagsToSnapshot)) report("Snapshots do not get the tags.");
    if (kind === "rds/instance" && props.autoMinorVersionUpgrade === false) report("Minor upgrades are off.");
  },
  remedy: (props) => (props.copyTagsToSnapshot === true ? undefined : { ...props, copyTagsToSnapshot: true }),
});
