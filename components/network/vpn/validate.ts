import { isPlain, type Problem } from "../../shared/validation";
import { TIERS, type Tier } from "../address-plan";
import type { NetworkPlan } from "../network-like";
import type { SiteToSiteVpnArgs, VpnAllowArgs, VpnPeerArgs } from "./args";
import {
  addressProblems,
  insideCidrProblems,
  type NamedBlock,
  networkProblems,
  overlapProblems,
} from "./overlaps";
import { tunnelProblems } from "./tunnel-options";

const NAME = /^[a-z][a-z0-9-]{0,30}$/;
const RETENTION_DAYS = [
  0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/** Everything that can be known to be wrong before anything is made. */
export function vpnProblems(args: SiteToSiteVpnArgs, plan: NetworkPlan | undefined): Problem[] {
  const { peers, gateway = "vgw" } = args;
  return [
    ...planProblems(plan),
    ...gatewayProblems(args),
    ...Object.entries(peers).flatMap(([name, peer]) => peerProblems(name, peer, gateway)),
    ...Object.entries(args.hubNetworks ?? {}).flatMap(([name, cidr]) =>
      networkProblems(`hubNetworks.${name}`, cidr),
    ),
    ...nameProblems(args),
    ...tierProblems(args.propagateTo, plan),
    ...overlapProblems(allBlocks(args, plan)),
    ...overlapProblems(insideBlocks(peers)),
    ...(args.allow ?? []).flatMap((rule, i) => allowProblems(`allow[${i}]`, rule, knownNetworks(args))),
    ...retentionProblems(args.logRetentionDays),
  ];
}

/** The networks beyond the tunnels, by name. */
export function knownNetworks({
  peers,
  hubNetworks,
}: Pick<SiteToSiteVpnArgs, "peers" | "hubNetworks">): Record<string, string> {
  return Object.assign({}, ...Object.values(peers).map((peer) => peer.networks ?? {}), hubNetworks ?? {});
}

function planProblems(plan: NetworkPlan | undefined): Problem[] {
  if (plan !== undefined) return [];
  return [
    {
      property: "network",
      allowed: "a network whose block and route tables are known before anything is made",
      fix: "Pass a Network, or give Network.fromExisting its cidr as text and its routeTables as lists.",
    },
  ];
}

function gatewayProblems(args: SiteToSiteVpnArgs): Problem[] {
  const { gateway = "vgw", hub, amazonAsn, accelerated, peers, hubNetworks } = args;
  const problems: Problem[] = [];
  if (gateway !== "vgw" && gateway !== "tgw") {
    return [
      {
        property: "gateway",
        got: gateway,
        allowed: `"vgw" or "tgw"`,
        fix: `Use "vgw" for one environment, "tgw" for a hub of several.`,
      },
    ];
  }
  const onlyTgw = (property: string, got: unknown) => {
    const fix = `Set gateway to "tgw", or leave ${property} out.`;
    problems.push({ property, got, allowed: `only with gateway "tgw"`, fix });
  };
  if (gateway === "vgw" && hub !== undefined) onlyTgw("hub", "a hub");
  if (gateway === "vgw" && accelerated) onlyTgw("accelerated", accelerated);
  if (hubNetworks !== undefined && hub === undefined) {
    const fix = "Give hub, or name the networks under their peer.";
    problems.push({
      property: "hubNetworks",
      got: hubNetworks,
      allowed: "only with a hub that is shared",
      fix,
    });
  }
  if (hub !== undefined && amazonAsn !== undefined) {
    const fix = "Remove it: the hub has its number already.";
    problems.push({ property: "amazonAsn", got: amazonAsn, allowed: "only where the gateway is made", fix });
  }
  if (amazonAsn !== undefined && !isPrivateAsn(amazonAsn)) {
    const allowed = "a private number: 64512 to 65534 or 4200000000 to 4294967294";
    problems.push({ property: "amazonAsn", got: amazonAsn, allowed, fix: "Use 64512, or leave it out." });
  }
  if (Object.keys(peers).length === 0 && (hub === undefined || Object.keys(hubNetworks ?? {}).length === 0)) {
    const fix = "Add a peer, or give hub and hubNetworks, or leave the VPN out.";
    problems.push({
      property: "peers",
      got: peers,
      allowed: "at least one peer, or a shared hub with hubNetworks",
      fix,
    });
  }
  return problems;
}

const isPrivateAsn = (asn: number): boolean =>
  Number.isInteger(asn) &&
  ((asn >= 64_512 && asn <= 65_534) || (asn >= 4_200_000_000 && asn <= 4_294_967_294));

/** AWS keeps these for itself, besides those that mean nothing. */
const UNUSABLE_ASNS = [7224, 9059, 10124, 17943, 23456];
const isPeerAsn = (asn: number): boolean =>
  Number.isInteger(asn) && asn >= 1 && asn <= 4_294_967_294 && asn !== 65_535 && !UNUSABLE_ASNS.includes(asn);

function peerProblems(name: string, peer: VpnPeerArgs, gateway: string): Problem[] {
  const at = `peers.${name}`;
  const { address, certificateArn, networks = {}, asn, presharedKeys, insideCidrs, loosen, tunnels } = peer;
  const problems: Problem[] = [];
  if (address === undefined && certificateArn === undefined) {
    const allowed = "a public IPv4 address, or certificateArn for a device whose address changes";
    problems.push({ property: `${at}.address`, allowed, fix: "Add the device's public address." });
  }
  if (isPlain(address)) problems.push(...addressProblems(`${at}.address`, address));
  if (
    isPlain(certificateArn) &&
    !/^arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate\/\S+$/.test(certificateArn)
  ) {
    const fix = "Pass the ARN of a certificate of a private CA, issued in the VPN's region.";
    problems.push({
      property: `${at}.certificateArn`,
      got: certificateArn,
      allowed: "the ARN of an ACM certificate",
      fix,
    });
  }
  if (certificateArn !== undefined && presharedKeys !== undefined) {
    const fix = "Remove it: the device proves itself by its certificate.";
    problems.push({
      property: `${at}.presharedKeys`,
      got: presharedKeys,
      allowed: "only without certificateArn",
      fix,
    });
  }
  problems.push(...keyProblems(at, presharedKeys));
  if (asn !== undefined && !isPeerAsn(asn)) {
    const allowed =
      "1 to 4294967294, none that AWS keeps (7224, 9059, 10124, 17943) or that is reserved (23456, 65535)";
    problems.push({
      property: `${at}.asn`,
      got: asn,
      allowed,
      fix: "Use the office's own number, or a private one such as 65010.",
    });
  }
  const listed = Object.keys(networks).length > 0;
  if (asn === undefined && !listed) {
    const fix = `Name them, for example { legacy: "192.168.50.0/24" }, or give asn to have routes exchanged by BGP.`;
    problems.push({
      property: `${at}.networks`,
      allowed: "at least one network where routing is static",
      fix,
    });
  } else if (gateway === "tgw" && !listed) {
    const fix = "Name them: a VPC's route tables do not learn routes from a transit gateway.";
    problems.push({ property: `${at}.networks`, allowed: `at least one network with gateway "tgw"`, fix });
  }
  for (const [network, cidr] of Object.entries(networks)) {
    problems.push(...networkProblems(`${at}.networks.${network}`, cidr));
  }
  for (const [i, cidr] of (insideCidrs ?? []).entries()) {
    problems.push(...insideCidrProblems(`${at}.insideCidrs[${i}]`, cidr));
  }
  if (insideCidrs !== undefined && insideCidrs.length !== 2) {
    problems.push({
      property: `${at}.insideCidrs`,
      got: insideCidrs,
      allowed: "two blocks, one per tunnel",
      fix: "Give both, or neither.",
    });
  }
  return [...problems, ...tunnelProblems(at, tunnels, loosen, address !== undefined)];
}

function keyProblems(at: string, keys: VpnPeerArgs["presharedKeys"]): Problem[] {
  if (keys === undefined || keys === "service" || keys === "secretsManager") return [];
  const property = `${at}.presharedKeys`;
  const allowed = `"service", "secretsManager" or { secret: <ARN> }`;
  if (typeof keys !== "object") {
    // Whatever stands there may be a key: it is not repeated.
    return [
      {
        property,
        got: "(hidden)",
        allowed,
        fix: "Never write keys here: put them into Secrets Manager and name the secret's ARN.",
      },
    ];
  }
  const { secret } = keys;
  if (secret === undefined || (isPlain(secret) && !/^arn:aws[a-z-]*:secretsmanager:/.test(secret))) {
    return [
      {
        property: `${property}.secret`,
        got: "(hidden)",
        allowed: "the ARN of a secret",
        fix: "Name the secret by its ARN.",
      },
    ];
  }
  return [];
}

function nameProblems({ peers, hubNetworks = {} }: SiteToSiteVpnArgs): Problem[] {
  const allowed = "lower-case letters, digits and hyphens, at most 31, beginning with a letter";
  const networks = [
    ...Object.entries(peers).flatMap(([peer, { networks: of = {} }]) =>
      Object.keys(of).map((name) => ({ name, property: `peers.${peer}.networks.${name}` })),
    ),
    ...Object.keys(hubNetworks).map((name) => ({ name, property: `hubNetworks.${name}` })),
  ];
  const named = [...Object.keys(peers).map((name) => ({ name, property: `peers.${name}` })), ...networks];
  return [
    ...named
      .filter(({ name }) => !NAME.test(name))
      .map(({ name, property }) => ({ property, got: name, allowed, fix: "Rename it." })),
    ...networks
      .filter(({ name }, i) => networks.findIndex((other) => other.name === name) < i)
      .map(({ name, property }) => ({
        property,
        got: name,
        allowed: "a name that no other network has",
        fix: "Rename it: rules name networks by it.",
      })),
  ];
}

function tierProblems(tiers: readonly Tier[] | undefined, plan: NetworkPlan | undefined): Problem[] {
  if (tiers === undefined || plan === undefined) return [];
  const present = TIERS.filter((tier) => plan.routeTables[tier] > 0);
  return tiers
    .filter((tier) => !present.includes(tier))
    .map((tier) => ({
      property: "propagateTo",
      got: tier,
      allowed: `tiers with route tables: ${present.join(", ") || "none are known"}`,
      fix: `Remove "${tier}".`,
    }));
}

/** The VPC first, so that what is told is the network that was chosen later. */
function allBlocks(
  { peers, hubNetworks = {}, otherNetworks = {} }: SiteToSiteVpnArgs,
  plan?: NetworkPlan,
): NamedBlock[] {
  return [
    ...(plan ? [{ property: "network", what: "the VPC", cidr: plan.cidr }] : []),
    ...Object.entries(otherNetworks).map(([name, cidr]) => ({
      property: `otherNetworks.${name}`,
      what: name,
      cidr,
      group: "others",
    })),
    ...Object.entries(peers).flatMap(([peer, { networks = {} }]) =>
      Object.entries(networks).map(([name, cidr]) => ({
        property: `peers.${peer}.networks.${name}`,
        what: `the network ${name} of ${peer}`,
        cidr,
      })),
    ),
    ...Object.entries(hubNetworks).map(([name, cidr]) => ({
      property: `hubNetworks.${name}`,
      what: `the network ${name} behind the hub`,
      cidr,
    })),
  ];
}

function insideBlocks(peers: SiteToSiteVpnArgs["peers"]): NamedBlock[] {
  return Object.entries(peers).flatMap(([name, { insideCidrs = [] }]) =>
    insideCidrs.map((cidr, i) => ({
      property: `peers.${name}.insideCidrs[${i}]`,
      what: `the inside of ${name}'s tunnel ${i + 1}`,
      cidr,
    })),
  );
}

function allowProblems(at: string, rule: VpnAllowArgs, networks: Record<string, string>): Problem[] {
  const names = Object.keys(networks);
  const problems: Problem[] = [];
  if (!names.includes(rule.from)) {
    const allowed = `the name of a network: ${names.join(", ") || "there are none"}`;
    problems.push({
      property: `${at}.from`,
      got: rule.from,
      allowed,
      fix: "Name one of these, or add it to its peer's networks.",
    });
  }
  if (rule.ports.length === 0) {
    problems.push({
      property: `${at}.ports`,
      got: rule.ports,
      allowed: "at least one port",
      fix: "Name the ports, such as [5432].",
    });
  }
  for (const port of rule.ports) {
    if (portRange(port) === undefined) {
      const allowed = `1 to 65535, or a range such as "8000-8100"`;
      problems.push({ property: `${at}.ports`, got: port, allowed, fix: "Correct the port." });
    }
  }
  return problems;
}

/** First and last port. */
export function portRange(port: number | string): [number, number] | undefined {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(String(port));
  const first = Number(match?.[1]);
  const last = Number(match?.[2] ?? match?.[1]);
  return match && first >= 1 && first <= last && last <= 65_535 ? [first, last] : undefined;
}

function retentionProblems(days: number | undefined): Problem[] {
  if (days === undefined || RETENTION_DAYS.includes(days)) return [];
  const longer = RETENTION_DAYS.find((known) => known > days) ?? 3653;
  return [
    { property: "logRetentionDays", got: days, allowed: RETENTION_DAYS.join(", "), fix: `Use ${longer}.` },
  ];
}
