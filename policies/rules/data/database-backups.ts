import { resourceRule } from "../../rule";
import { given } from "../../values";

export const rule = resourceRule({
  name: "database-backups",
  title: "Databases can be set back to any moment of the last week or more.",
  severity: "high",
  ids: ["CKV_AWS_133", "AwsSolutions-RDS13", "FSBP.RDS.11"],
  why: "A wrong DELETE is noticed after the weekend.",
  fix: "Set backupRetentionPeriod to 7 days or more in prod-like environments, and to 1 or more elsewhere.",
  kinds: ["rds/instance", "rds/cluster"],
  parameters: { days: { type: "integer", minimum: 1, maximum: 35 } },
  check: ({ props }, report, facts) => {
    if (given(props, "replicateSourceDb")) return;
    const least: number = facts.settings.days ?? (facts.protected ? 7 : 1);
    const days = Number(props.backupRetentionPeriod ?? 0);
    if (days < least) report(`Backups are kept for ${days} days; ${least} are needed here.`);
  },
});
