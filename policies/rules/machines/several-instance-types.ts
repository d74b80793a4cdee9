import { resourceRule } from "../../rule";
import { list } from "../../values";

export const rule = resourceRule({
  name: "several-instance-types",
  title: "In prod-like environments Auto Scaling groups may take several instance types.",
  severity: "low",
  level: "disabled",
  only: "protected",
  ids: ["FSBP.AutoScaling.6"],
  why: "A zone can run out of one type. It is off by default: a release is judged by its latency, and that is comparable on one type only.",
  fix: "Use mixedInstancesPolicy with two types or more of the same size.",
  kinds: ["autoscaling/group"],
  check: ({ props }, report) => {
    const [policy] = list(props.mixedInstancesPolicy);
    const overrides = list(list(policy?.launchTemplate)[0]?.overrides);
    if (overrides.length < 2) report("The group takes one instance type.");
  },
});
