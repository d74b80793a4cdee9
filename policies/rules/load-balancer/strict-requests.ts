import { resourceRule } from "../../rule";
import { isTrue } from "../../values";

export const rule = resourceRule({
  name: "strict-requests",
  title: "Load balancers drop invalid headers and guard against request smuggling.",
  severity: "medium",
  ids: ["CKV_AWS_131", "CKV_AWS_328", "PCI-ALBHttpDropInvalidHeaderEnabled", "FSBP.ELB.4", "FSBP.ELB.12"],
  why: "Two servers that read one request differently let an attacker slip a second one in between.",
  fix: 'Set dropInvalidHeaderFields to true and leave desyncMitigationMode at "defensive" or "strictest".',
  kinds: ["lb/loadBalancer"],
  check: ({ props }, report) => {
    if ((props.loadBalancerType ?? "application") !== "application") return;
    if (!isTrue(props.dropInvalidHeaderFields)) report("Invalid headers are passed on.");
    if (props.desyncMitigationMode === "monitor") report("desyncMitigationMode only monitors.");
  },
  remedy: (props) =>
    (props.loadBalancerType ?? "application") === "application" && props.dropInvalidHeaderFields !== true
      ? { ...props, dropInvalidHeaderFields: true }
      : undefined,
});
