import { resourceRule } from "../../rule";
import { covers, isWorld, OPENING_KINDS, openings } from "../shared/ports";

export const rule = resourceRule({
  name: "no-remote-administration-from-internet",
  title: "SSH and remote desktop are not open to the internet.",
  severity: "critical",
  ids: [
    "CKV_AWS_24",
    "CKV_AWS_25",
    "AwsSolutions-EC23",
    "NIST-EC2RestrictedSSH",
    "FSBP.EC2.13",
    "FSBP.EC2.14",
    "CIS.5.3",
    "CIS.5.4",
  ],
  why: "Ports 22 and 3389 are tried by machines all over the world within minutes.",
  fix: "Use SSM Session Manager, or name the office's network.",
  kinds: OPENING_KINDS,
  check: (subject, report) => {
    for (const opening of openings(subject, "ingress")) {
      const port = [22, 3389].find((one) => covers(opening, one));
      const world = opening.cidrs.find(isWorld);
      if (port && world) report(`${world} may reach port ${port}.`);
    }
  },
});
