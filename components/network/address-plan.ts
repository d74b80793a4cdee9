import type { Problem } from "../shared/validation";
import { type Cidr, canonical, contains, formatCidr, isCanonical, parseCidr, sizeOf } from "./cidr";

/**
 * Where each subnet of a network lies. The place of a subnet depends on the VPC's block, its tier and its zone's
 * number alone, never on how many zones or which tiers there are: so growing a network never moves what is there.
 */

/** What a subnet is for. `public` has a route to the internet, `app` at most one out of it, `data` none. */
export type Tier = "public" | "app" | "data";

export const TIERS: readonly Tier[] = ["public", "app", "data"];

/** No AWS region offers an account more zones than this. */
export const MAX_ZONES = 6;

const MIN_VPC_PREFIX = 16;
const MAX_VPC_PREFIX = 24;
/** AWS allows nothing smaller than 16 addresses, of which it takes five. */
const SMALLEST_SUBNET_PREFIX = 28;

/**
 * The VPC in eighths. These numbers are a promise to networks that exist: changing one moves their subnets.
 * `public` gets two eighths so that its subnets are never smaller than the /27 that AWS asks for load balancers.
 */
const EIGHTHS = {
  app: { start: 0, count: 4 },
  public: { start: 4, count: 2 },
  data: { start: 6, count: 1 },
  reserved: { start: 7, count: 1 },
} as const;

/** First /64 of each tier among the 256 of a VPC. */
const IPV6_START: Record<Tier, number> = { public: 0, app: 16, data: 32 };

export interface PlannedSubnet {
  tier: Tier;
  /** 0 for the first zone. */
  zone: number;
  /** IPv4 block. */
  cidr: string;
  /** Which /64 of the VPC's IPv6 block, 0 to 255. */
  ipv6Index: number;
}

/** How many zones a VPC of this size has room for: 6 down to a /22, then 4 and 2. */
export function maxZones(vpcPrefix: number): number {
  return Math.min(MAX_ZONES, zoneSlots(vpcPrefix));
}

/** The block that holds every subnet of a tier, or the part that no tier uses. */
export function tierBlock(vpcCidr: string, tier: Tier | "reserved"): string {
  return formatCidr(blockOf(parseVpc(vpcCidr), tier));
}

/** Every subnet, in order of tier (public, app, data) and then zone, whatever the order of `tiers`. */
export function planSubnets(vpcCidr: string, zones: number, tiers: readonly Tier[] = TIERS): PlannedSubnet[] {
  const vpc = parseVpc(vpcCidr);
  if (!Number.isInteger(zones) || zones < 1 || zones > maxZones(vpc.prefix)) {
    throw new RangeError(`${zones} zones in ${vpcCidr}; allowed: 1 to ${maxZones(vpc.prefix)}`);
  }
  return TIERS.filter((tier) => tiers.includes(tier)).flatMap((tier) => {
    const block = blockOf(vpc, tier);
    const prefix = block.prefix + Math.log2(zoneSlots(vpc.prefix));
    return Array.from({ length: zones }, (_, zone) => ({
      tier,
      zone,
      cidr: formatCidr({ first: block.first + zone * sizeOf(prefix), prefix }),
      ipv6Index: IPV6_START[tier] + zone,
    }));
  });
}

/** What is wrong with a VPC's block; empty when it can be planned. */
export function vpcCidrProblems(property: string, got: string): Problem[] {
  const allowed = `a private IPv4 block from /${MIN_VPC_PREFIX} to /${MAX_VPC_PREFIX}`;
  const problem = (fix: string): Problem[] => [{ property, got, allowed, fix }];
  const cidr = parseCidr(got);
  if (cidr === undefined) return problem(`Write an address and a prefix length, such as "10.0.0.0/16".`);
  if (cidr.prefix < MIN_VPC_PREFIX) {
    return problem(
      `AWS allows nothing larger than a /16: write "${formatCidr(canonical({ ...cidr, prefix: 16 }))}".`,
    );
  }
  if (cidr.prefix > MAX_VPC_PREFIX) {
    return problem("Three tiers in two zones need a /24 or larger: take a larger block.");
  }
  if (!isCanonical(cidr)) {
    return problem(`Write the first address of the block: "${formatCidr(canonical(cidr))}".`);
  }
  if (!PRIVATE_RANGES.some((range) => contains(parseCidr(range)!, cidr))) {
    return problem(`Take a block inside ${PRIVATE_RANGES.join(", ")}.`);
  }
  return [];
}

/** Private use (RFC 1918) and shared address space (RFC 6598). */
export const PRIVATE_RANGES: readonly string[] = [
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "100.64.0.0/10",
];

/**
 * Every tier is cut into the same number of slots, one per zone: eight, or as many as leave the smallest tier's
 * subnets at a size that AWS allows.
 */
function zoneSlots(vpcPrefix: number): number {
  return Math.min(8, 2 ** (SMALLEST_SUBNET_PREFIX - (vpcPrefix + 3)));
}

function blockOf(vpc: Cidr, part: keyof typeof EIGHTHS): Cidr {
  const { start, count } = EIGHTHS[part];
  const eighth = sizeOf(vpc.prefix) / 8;
  return { first: vpc.first + start * eighth, prefix: vpc.prefix + 3 - Math.log2(count) };
}

function parseVpc(text: string): Cidr {
  const [problem] = vpcCidrProblems("cidr", text);
  if (problem) throw new RangeError(`${text}: ${problem.fix}`);
  return parseCidr(text)!;
}
