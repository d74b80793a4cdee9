/**
 * IPv4 and IPv6 block arithmetic. IPv4 addresses are plain numbers from 0 to 2^32 - 1, and nothing here uses the
 * bit operators, which are signed 32-bit in JavaScript.
 */

export interface Cidr {
  /** First address as a number. */
  first: number;
  /** Length of the prefix, 0 to 32. */
  prefix: number;
}

/** How many addresses a prefix has. */
export function sizeOf(prefix: number): number {
  return 2 ** (32 - prefix);
}

/** Reads `a.b.c.d/n`; undefined when it is not that. Host bits may be set: see {@link isCanonical}. */
export function parseCidr(text: string): Cidr | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
  if (match === null) return undefined;
  const [a, b, c, d, prefix] = match.slice(1).map(Number) as [number, number, number, number, number];
  if ([a, b, c, d].some((octet) => octet > 255) || prefix > 32) return undefined;
  return { first: ((a * 256 + b) * 256 + c) * 256 + d, prefix };
}

export function formatCidr({ first, prefix }: Cidr): string {
  const octets = [2 ** 24, 2 ** 16, 2 ** 8, 1].map((unit) => Math.floor(first / unit) % 256);
  return `${octets.join(".")}/${prefix}`;
}

/** The block that an address with a prefix belongs to: `10.0.3.7/16` gives `10.0.0.0/16`. */
export function canonical({ first, prefix }: Cidr): Cidr {
  return { first: first - (first % sizeOf(prefix)), prefix };
}

export function isCanonical(cidr: Cidr): boolean {
  return cidr.first % sizeOf(cidr.prefix) === 0;
}

export function contains(outer: Cidr, inner: Cidr): boolean {
  return (
    outer.first <= inner.first && inner.first + sizeOf(inner.prefix) <= outer.first + sizeOf(outer.prefix)
  );
}

export function overlaps(a: Cidr, b: Cidr): boolean {
  return a.first < b.first + sizeOf(b.prefix) && b.first < a.first + sizeOf(a.prefix);
}

/** The /64 number `index` (0 to 255) of a /56 as AWS hands it out, written as AWS writes it. */
export function ipv6Subnet(block: string, index: number): string {
  const groups = expandIpv6(block.split("/")[0]!);
  groups[3] = groups[3]! + index;
  const network = groups.slice(0, 4);
  // Groups 5 to 8 are zero, so "::" stands for them and for any zero groups right before them.
  while (network.at(-1) === 0) network.pop();
  return `${network.map((group) => group.toString(16)).join(":")}::/64`;
}

function expandIpv6(address: string): number[] {
  const [head = "", tail = ""] = address.split("::");
  const read = (part: string) =>
    part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16));
  const left = read(head);
  const right = read(tail);
  return [...left, ...new Array<number>(8 - left.length - right.length).fill(0), ...right];
}
