import type { input } from "@pulumi/aws/types";
import type * as pulumi from "@pulumi/pulumi";
import { PRIVATE_RANGES, type Tier } from "./address-plan";
import type { NetworkSettings } from "./settings";

/**
 * What may enter and leave each tier. Network ACLs keep no memory of connections, so the answers to what a machine
 * asked for need rules of their own: ports 1024 and up, from anywhere that was asked. And they cannot name S3 or
 * DynamoDB, whose addresses are public ones even through a gateway endpoint. Who may really reach a port is for
 * security groups to say; these rules keep whole networks out of a tier.
 */

export type AclRule = input.ec2.NetworkAclIngress;

export interface AclRules {
  ingress: AclRule[];
  egress: AclRule[];
}

export type AclSettings = Pick<
  NetworkSettings,
  "cidr" | "privateNetworks" | "nat" | "gatewayEndpoints" | "ipv6"
>;

type Where = { cidrBlock: string } | { ipv6CidrBlock: pulumi.Input<string> };
const ANYWHERE = { cidrBlock: "0.0.0.0/0" };
const ANYWHERE_IPV6 = { ipv6CidrBlock: "::/0" };

/** IP protocol numbers, as AWS gives them back, so that a second update finds nothing to change. */
const PROTOCOL = { all: "-1", icmp: "1", tcp: "6", udp: "17", icmpv6: "58" };
const HTTP = 80;
const HTTPS = 443;
const ANSWERS = [1024, 65535] as const;

/**
 * The number of each rule: AWS reads them in this order and stops at the first that fits. A rule keeps its number
 * whatever others there are, because the provider removes a changed rule before it adds the new one, and packets are
 * dropped in between.
 */
const NUMBER = {
  /** The VPC, then one for each private network in steps of 10. */
  home: 100,
  homeIpv6: 190,
  /** One for each private range. */
  strangers: 200,
  http: 300,
  https: 310,
  httpIpv6: 320,
  httpsIpv6: 330,
  tcpAnswers: 400,
  udpAnswers: 410,
  icmpAnswers: 420,
  tcpAnswersIpv6: 430,
  udpAnswersIpv6: 440,
  icmpAnswersIpv6: 450,
  everything: 500,
  everythingIpv6: 510,
};

/** @param ipv6Cidr The VPC's IPv6 block, when it has one. */
export function networkAclRules(
  tier: Tier,
  settings: AclSettings,
  ipv6Cidr?: pulumi.Input<string>,
): AclRules {
  const home = homeRules(settings, ipv6Cidr);
  const usesGateways = settings.gatewayEndpoints.length > 0;
  const gatewaysOut = usesGateways ? [allow(NUMBER.https, PROTOCOL.tcp, ANYWHERE, HTTPS)] : [];
  const gatewaysIn = usesGateways ? [allow(NUMBER.tcpAnswers, PROTOCOL.tcp, ANYWHERE, ...ANSWERS)] : [];
  const ipv6 = (rules: AclRule[]) => (settings.ipv6 ? rules : []);

  switch (tier) {
    case "public":
      return {
        ingress: [...home, ...CLIENTS, ...ANSWERS_IN, ...ipv6([...CLIENTS_IPV6, ...ANSWERS_IN_IPV6])],
        egress: [...home, EVERYTHING, ...ipv6([EVERYTHING_IPV6])],
      };
    case "app": {
      const wayOut = settings.nat !== "none";
      return {
        ingress: [...home, ...STRANGERS, ...(wayOut ? ANSWERS_IN : gatewaysIn), ...ipv6(ANSWERS_IN_IPV6)],
        egress: [...home, ...(wayOut ? [EVERYTHING] : gatewaysOut), ...ipv6([EVERYTHING_IPV6])],
      };
    }
    case "data":
      return { ingress: [...home, ...STRANGERS, ...gatewaysIn], egress: [...home, ...gatewaysOut] };
  }
}

/** The VPC and the networks joined to it: everything, both ways. */
function homeRules({ cidr, privateNetworks }: AclSettings, ipv6Cidr?: pulumi.Input<string>): AclRule[] {
  const rules = [cidr, ...privateNetworks].map((cidrBlock, i) =>
    allow(NUMBER.home + 10 * i, PROTOCOL.all, { cidrBlock }),
  );
  if (ipv6Cidr !== undefined) rules.push(allow(NUMBER.homeIpv6, PROTOCOL.all, { ipv6CidrBlock: ipv6Cidr }));
  return rules;
}

function allow(ruleNo: number, protocol: string, where: Where, fromPort = 0, toPort = fromPort): AclRule {
  return { ruleNo, action: "allow", protocol, fromPort, toPort, ...where };
}

/** Private networks that were not named; without these the answers' rules would let them in. */
const STRANGERS: AclRule[] = PRIVATE_RANGES.map((cidrBlock, i) => ({
  ...allow(NUMBER.strangers + 10 * i, PROTOCOL.all, { cidrBlock }),
  action: "deny",
}));

/** Callers of a load balancer. Its listeners on ports from 1024 up are covered by the answers' range. */
const CLIENTS: AclRule[] = [
  allow(NUMBER.http, PROTOCOL.tcp, ANYWHERE, HTTP),
  allow(NUMBER.https, PROTOCOL.tcp, ANYWHERE, HTTPS),
];
const CLIENTS_IPV6: AclRule[] = [
  allow(NUMBER.httpIpv6, PROTOCOL.tcp, ANYWHERE_IPV6, HTTP),
  allow(NUMBER.httpsIpv6, PROTOCOL.tcp, ANYWHERE_IPV6, HTTPS),
];

/** The ICMP ones say that a packet was too big: without them a connection over a narrower path hangs. */
const ANSWERS_IN: AclRule[] = [
  allow(NUMBER.tcpAnswers, PROTOCOL.tcp, ANYWHERE, ...ANSWERS),
  allow(NUMBER.udpAnswers, PROTOCOL.udp, ANYWHERE, ...ANSWERS),
  { ...allow(NUMBER.icmpAnswers, PROTOCOL.icmp, ANYWHERE), icmpType: 3, icmpCode: 4 },
];
const ANSWERS_IN_IPV6: AclRule[] = [
  allow(NUMBER.tcpAnswersIpv6, PROTOCOL.tcp, ANYWHERE_IPV6, ...ANSWERS),
  allow(NUMBER.udpAnswersIpv6, PROTOCOL.udp, ANYWHERE_IPV6, ...ANSWERS),
  { ...allow(NUMBER.icmpAnswersIpv6, PROTOCOL.icmpv6, ANYWHERE_IPV6), icmpType: 2, icmpCode: 0 },
];

const EVERYTHING = allow(NUMBER.everything, PROTOCOL.all, ANYWHERE);
const EVERYTHING_IPV6 = allow(NUMBER.everythingIpv6, PROTOCOL.all, ANYWHERE_IPV6);
