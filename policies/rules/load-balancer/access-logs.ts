import { resourceRule } from "../../rule";
import { isTrue, list } from "../../values";

export const rule = resourceRule({
  name: "load-balancer-access-logs",
  title: "In prod-like environments load balancers keep access logs.",
  severity: "medium",
  only: "protected",
  ids: ["CKV_AWS_91", "AwsSolutions-ELB2", "FSBP.ELB.5"],
  why: "They answer who asked for what, also when the application has said nothing.",
  fix: "Set accessLogs with enabled: true and a bucket.",
  kinds: ["lb/loadBalancer"],
  check: ({ props }, report) => {
    if (!isTrue(list(props.accessLogs)[0]?.enabled)) report("Access logs are off.");
  },
});
