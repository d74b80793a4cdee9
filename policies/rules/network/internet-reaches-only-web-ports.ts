import { resourceRule } from "../../rule";
import { list } from "../../values";
import { isWorld, OPENING_KINDS, openings } from "../shared/ports";

/** Ports that the internet may reach where nothing else is configured. */
const PUBLIC_PORTS = [80, 443];

export const rule = resourceRule({
  name: "internet-reaches-only-web-ports",
  title: "The internet reaches ports 80 and 443, and nothing else.",
  severity: "high",
  ids: [
    "CKV_AWS_260",
    "CKV_AWS_277",
    "AwsSolutions-EC23",
    "NIST-EC2RestrictedCommonPorts",
    "FSBP.EC2.18",
    "FSBP.EC2.19",
  ],
  why: "Every other port belongs to machines, databases or tools that are not made to face strangers.",
  fix: "Let the load balancer's security group in, or name the networks that need it.",
  kinds: [...OPENING_KINDS, "ec2/managedPrefixList"],
  parameters: { ports: { type: "array", items: { type: "integer" } } },
  check: (subject, report, { settings }) => {
    const ports: number[] = settings.ports ?? PUBLIC_PORTS;
    if (subject.kind === "ec2/managedPrefixList") {
      const world = list(subject.props.entries).find(({ cidr }) => isWorld(String(cidr)));
      if (world)
        report(`The prefix list contains ${world.cidr}: rules that name it do not look open, and are.`);
      return;
    }
    for (const { from, to, protocol, cidrs } of openings(subject, "ingress")) {
      const world = cidrs.find(isWorld);
      const fine = from === to && ports.includes(from) && protocol !== "all";
      if (world && !fine) {
        report(
          `${world} may reach ${protocol === "all" ? "every port" : from === to ? `port ${from}` : `ports ${from} to ${to}`}.`,
        );
      }
    }
  },
});
