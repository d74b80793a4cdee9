/** Security group rules in the three ways in which they can be written. */
import type { Bag, Subject } from "../../rule";
import { list } from "../../values";

export interface Opening {
  direction: "ingress" | "egress";
  protocol: string;
  from: number;
  to: number;
  cidrs: string[];
  description: string | undefined;
}

export const OPENING_KINDS = [
  "ec2/securityGroup",
  "ec2/defaultSecurityGroup",
  "ec2/securityGroupRule",
  "vpc/securityGroupIngressRule",
  "vpc/securityGroupEgressRule",
] as const;

/** What a resource opens. */
export function openings({ kind, props }: Subject, direction: Opening["direction"]): Opening[] {
  if (kind === "ec2/securityGroup" || kind === "ec2/defaultSecurityGroup") {
    return list(props[direction]).map((rule) => classic(rule, direction));
  }
  if (kind === "ec2/securityGroupRule") {
    return props.type === direction ? [classic(props, direction)] : [];
  }
  return kind === `vpc/securityGroup${direction === "ingress" ? "Ingress" : "Egress"}Rule`
    ? [single(props, direction)]
    : [];
}

function classic(rule: Bag, direction: Opening["direction"]): Opening {
  const cidrs = [...list<string>(rule.cidrBlocks), ...list<string>(rule.ipv6CidrBlocks)];
  return { direction, ...ports(rule.protocol, rule), cidrs, description: rule.description };
}

function single(rule: Bag, direction: Opening["direction"]): Opening {
  const cidrs = [rule.cidrIpv4, rule.cidrIpv6].filter((cidr): cidr is string => typeof cidr === "string");
  return { direction, ...ports(rule.ipProtocol, rule), cidrs, description: rule.description };
}

/** `-1` is every protocol, and with it every port. */
function ports(protocol: unknown, rule: Bag): Pick<Opening, "protocol" | "from" | "to"> {
  const name = String(protocol ?? "-1").toLowerCase();
  if (name === "-1" || name === "all") return { protocol: "all", from: 0, to: 65535 };
  const from = Number(rule.fromPort ?? 0);
  const to = Number(rule.toPort ?? from);
  return { protocol: name, from: from === -1 ? 0 : from, to: to === -1 ? 65535 : to };
}

/** The internet, also in a few large pieces: `0.0.0.0/1` and `128.0.0.0/1` are all of it as well. */
export function isWorld(cidr: string): boolean {
  const bits = Number(cidr.split("/")[1] ?? (cidr.includes(":") ? 128 : 32));
  return bits < (cidr.includes(":") ? 16 : 8) && !/^f[cd]/i.test(cidr);
}

export const covers = ({ from, to, protocol }: Opening, port: number): boolean =>
  from <= port && port <= to && ["all", "tcp", "6"].includes(protocol);
