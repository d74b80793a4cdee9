import { resourceRule } from "../../rule";
import { given } from "../../values";

export const rule = resourceRule({
  name: "launch-templates",
  title: "Machines start from launch templates.",
  severity: "medium",
  ids: ["CKV_AWS_315", "FSBP.AutoScaling.9"],
  why: "Launch configurations have no versions, know no current instance types, and are closed to new accounts.",
  fix: "Replace the aws.ec2.LaunchConfiguration by an aws.ec2.LaunchTemplate.",
  kinds: ["ec2/launchConfiguration", "autoscaling/group"],
  check: ({ kind, props }, report) => {
    if (kind === "ec2/launchConfiguration") report("A launch configuration is used.");
    else if (given(props, "launchConfiguration"))
      report("The group starts machines from a launch configuration.");
  },
});
