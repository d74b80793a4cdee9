import type { Problem } from "../../shared/validation";
import { canonical, contains, formatCidr, isCanonical, overlaps, parseCidr } from "../cidr";

/** A block of addresses and whose it is, as it reads in a message. */
export interface NamedBlock {
  /** Path of the argument, such as `peers.office.networks.legacy`. */
  property: string;
  /** What it is, such as `the VPC` or `the network legacy of office`. */
  what: string;
  cidr: string;
  /** Blocks of one group may overlap each other: they are not ours to arrange. */
  group?: string;
}

/** Each pair that overlaps, told once, at the later of the two. */
export function overlapProblems(blocks: readonly NamedBlock[]): Problem[] {
  return blocks.flatMap((block, i) => {
    const mine = parseCidr(block.cidr);
    if (mine === undefined) return [];
    return blocks.slice(0, i).flatMap((other): Problem[] => {
      const theirs = parseCidr(other.cidr);
      if (theirs === undefined || !overlaps(mine, theirs)) return [];
      if (block.group !== undefined && block.group === other.group) return [];
      return [
        {
          property: block.property,
          got: block.cidr,
          allowed: "addresses that nothing else in the joined networks has",
          fix: `${capital(block.what)}, ${block.cidr}, overlaps ${other.what}, ${other.cidr}: change one of the two.`,
        },
      ];
    });
  });
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The ranges in which a network joined to a VPC may be, widest prefix /8. Public ones are allowed: some offices use them. */
export function networkProblems(property: string, cidr: unknown): Problem[] {
  const allowed = `an IPv4 block from /8 to /32, such as "192.168.50.0/24"`;
  const parsed = typeof cidr === "string" ? parseCidr(cidr) : undefined;
  if (parsed === undefined) {
    return [{ property, got: cidr, allowed, fix: "Write an address and a prefix length." }];
  }
  if (parsed.prefix < 8) {
    return [
      {
        property,
        got: cidr,
        allowed,
        fix: "Name the networks that are really there: this takes in other people's.",
      },
    ];
  }
  if (!isCanonical(parsed)) {
    return [
      {
        property,
        got: cidr,
        allowed,
        fix: `Write the first address of the block: "${formatCidr(canonical(parsed))}".`,
      },
    ];
  }
  return [];
}

const LINK_LOCAL = parseCidr("169.254.0.0/16")!;
/** AWS keeps these for itself. */
const RESERVED_INSIDE = [...[0, 1, 2, 3, 4, 5].map((third) => `169.254.${third}.0/30`), "169.254.169.252/30"];

export function insideCidrProblems(property: string, cidr: string): Problem[] {
  const allowed = `a /30 block in 169.254.0.0/16 that AWS does not keep for itself, such as "169.254.20.0/30"`;
  const parsed = parseCidr(cidr);
  if (parsed === undefined || parsed.prefix !== 30 || !contains(LINK_LOCAL, parsed)) {
    return [{ property, got: cidr, allowed, fix: `Write for example "169.254.20.0/30".` }];
  }
  if (!isCanonical(parsed)) {
    return [{ property, got: cidr, allowed, fix: `Write "${formatCidr(canonical(parsed))}".` }];
  }
  if (RESERVED_INSIDE.includes(cidr)) {
    return [{ property, got: cidr, allowed, fix: `AWS keeps ${cidr} for itself: take another.` }];
  }
  return [];
}

/** Addresses that no packet from the internet can come from. */
const NOT_PUBLIC = [
  ["10.0.0.0/8", "private"],
  ["172.16.0.0/12", "private"],
  ["192.168.0.0/16", "private"],
  ["100.64.0.0/10", "private to a provider"],
  ["127.0.0.0/8", "of the machine itself"],
  ["169.254.0.0/16", "of one link"],
  ["0.0.0.0/8", "of no host"],
  ["224.0.0.0/3", "of no host"],
] as const;

/** @param address A device's address, as it was written. */
export function addressProblems(property: string, address: string): Problem[] {
  const allowed = `a public IPv4 address, such as "198.51.100.2"`;
  const parsed = parseCidr(`${address}/32`);
  if (parsed === undefined) {
    return [
      { property, got: address, allowed, fix: "Write the address alone, without a name or a prefix length." },
    ];
  }
  const kind = NOT_PUBLIC.find(([range]) => overlaps(parsed, parseCidr(range)!))?.[1];
  if (kind === undefined) return [];
  const fix = `That address is ${kind}: write the one under which the device is seen on the internet, that of the NAT router in front of it if there is one.`;
  return [{ property, got: address, allowed, fix }];
}
