import { resourceRule } from "../../rule";
import { isWorld, OPENING_KINDS, openings } from "../shared/ports";

export const rule = resourceRule({
  name: "no-unrestricted-egress",
  title: "No security group lets every protocol out to everywhere.",
  severity: "medium",
  ids: ["CKV_AWS_382"],
  why: "Stolen data leaves by the way that is open; software updates need port 443, and rarely more.",
  fix: "Name the ports, such as tcp 443, or the security groups that are called.",
  kinds: OPENING_KINDS,
  check: (subject, report) => {
    for (const { protocol, cidrs } of openings(subject, "egress")) {
      const world = cidrs.find(isWorld);
      if (protocol === "all" && world) report(`Every protocol may leave to ${world}.`);
    }
  },
});
