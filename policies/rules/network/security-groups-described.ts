import { resourceRule } from "../../rule";
import { isUnknown } from "../../values";
import { OPENING_KINDS, openings } from "../shared/ports";

const DEFAULT = "Managed by Pulumi";

export const rule = resourceRule({
  name: "security-groups-described",
  title: "Security groups and their rules say what they are for.",
  severity: "low",
  ids: ["CKV_AWS_23", "AwsSolutions-EC27"],
  why: "Nobody dares to remove a rule of which nobody knows the reason.",
  fix: "Write a description.",
  kinds: OPENING_KINDS.filter((kind) => kind !== "ec2/defaultSecurityGroup"),
  check: (subject, report) => {
    const { kind, props } = subject;
    if (kind === "ec2/securityGroup" && !isUnknown(props, "description")) {
      const text = props.description;
      if (!text || text === DEFAULT || text === "Managed by Terraform")
        report("The security group has no description.");
    }
    for (const direction of ["ingress", "egress"] as const) {
      for (const { description, from, to } of openings(subject, direction)) {
        if (!description) report(`The ${direction} rule for ports ${from} to ${to} has no description.`);
      }
    }
  },
});
