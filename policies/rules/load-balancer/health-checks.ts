import { resourceRule } from "../../rule";
import { given, list } from "../../values";

export const rule = resourceRule({
  name: "target-group-health-check",
  title: "Target groups say how a healthy machine answers.",
  severity: "medium",
  ids: ["CKV_AWS_261"],
  why: "The default asks for / and takes a machine as healthy whose application cannot reach its database.",
  fix: "Set healthCheck with a path that tests what the application needs.",
  kinds: ["lb/targetGroup"],
  check: ({ props }, report) => {
    const [check] = list(props.healthCheck);
    if (!check || check.enabled === false) report("No health check is defined.");
    else if (["HTTP", "HTTPS"].includes(props.protocol) && !given(check, "path"))
      report("The health check has no path.");
  },
});
