import { resourceRule } from "../../rule";
import { given } from "../../values";

export const rule = resourceRule({
  name: "log-retention",
  title: "Log groups say how long they keep what they hold.",
  severity: "low",
  ids: [
    "CKV_AWS_66",
    "CKV_AWS_338",
    "CKV_AWS_158",
    "NIST-CloudWatchLogGroupRetentionPeriod",
    "NIST-CloudWatchLogGroupEncrypted",
  ],
  why: "The default is for ever, which is paid for and may not be allowed for personal data.",
  fix: "Set retentionInDays; the parameter `days` says how long it has to be at least in prod-like environments, `ownKey` asks for a key of the account's own.",
  kinds: ["cloudwatch/logGroup"],
  parameters: { days: { type: "integer", minimum: 1 }, ownKey: { type: "boolean" } },
  check: ({ props }, report, facts) => {
    const days = Number(props.retentionInDays ?? 0);
    const least: number = facts.protected ? (facts.settings.days ?? 1) : 1;
    if (days === 0) report("Logs are kept for ever.");
    else if (days < least) report(`Logs are kept for ${days} days; ${least} are needed here.`);
    if (facts.settings.ownKey && !given(props, "kmsKeyId"))
      report("The log group is encrypted with a key of AWS.");
  },
});
