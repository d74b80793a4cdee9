import { resourceRule } from "../../rule";
import { isUnknown, list, raw } from "../../values";

export const rule = resourceRule({
  name: "load-balancer-in-two-zones",
  title: "Load balancers stand in two zones or more.",
  severity: "medium",
  ids: ["FSBP.ELB.13"],
  why: "With one zone, its outage is the application's.",
  fix: "Give two subnets or more, in different zones.",
  kinds: ["lb/loadBalancer"],
  check: ({ props }, report) => {
    if (isUnknown(props, "subnets")) return;
    const subnets = raw(list<unknown>(raw(props).subnets)).length + list(props.subnetMappings).length;
    if (subnets < 2) report(`The load balancer has ${subnets} subnet${subnets === 1 ? "" : "s"}.`);
  },
});
