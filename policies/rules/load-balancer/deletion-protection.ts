import { resourceRule } from "../../rule";
import { isTrue } from "../../values";

export const rule = resourceRule({
  name: "load-balancer-deletion-protection",
  title: "In prod-like environments load balancers cannot be deleted by mistake.",
  severity: "medium",
  only: "protected",
  ids: ["CKV_AWS_150", "NIST-ELBDeletionProtectionEnabled", "FSBP.ELB.6"],
  why: "Its address is in other people's DNS; a new one has another.",
  fix: "Set enableDeletionProtection to true.",
  kinds: ["lb/loadBalancer"],
  check: ({ props }, report) => {
    if (!isTrue(props.enableDeletionProtection)) report("Deletion protection is off.");
  },
  remedy: (props, facts) =>
    facts.protected && props.enableDeletionProtection !== true
      ? { ...props, enableDeletionProtection: true }
      : undefined,
});
