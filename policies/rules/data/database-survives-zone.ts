import { resourceRule } from "../../rule";
import { given, isTrue } from "../../values";

export const rule = resourceRule({
  name: "database-survives-zone",
  title:
    "In prod-like environments databases have a standby in another zone and cannot be deleted by mistake.",
  severity: "high",
  only: "protected",
  ids: [
    "CKV_AWS_157",
    "CKV_AWS_293",
    "CKV_AWS_139",
    "AwsSolutions-RDS3",
    "AwsSolutions-RDS10",
    "FSBP.RDS.5",
    "FSBP.RDS.8",
    "CIS.2.2.4",
  ],
  why: "A zone fails, and a hand slips.",
  fix: "Set multiAz and deletionProtection to true.",
  kinds: ["rds/instance", "rds/cluster"],
  check: ({ kind, props }, report) => {
    // A replica has nothing that its writer has not.
    if (given(props, "replicateSourceDb")) return;
    if (!isTrue(props.deletionProtection)) report("Deletion protection is off.");
    if (kind === "rds/instance" && !isTrue(props.multiAz)) report("There is no standby in another zone.");
  },
});
