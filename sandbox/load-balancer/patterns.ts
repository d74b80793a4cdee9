import { BlockList, isIP } from "node:net";

/** The load balancer's wildcards: `*` is any run of characters, `?` is one character. */
export function wildcard(pattern: string, options: { ignoreCase: boolean }): RegExp {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replace(/\*/g, ".*")
    .replace(/\?/g, ".");
  return new RegExp(`^${source}$`, options.ignoreCase ? "is" : "s");
}

/** Answers whether a status code is in a matcher such as `200`, `200,302` or `200-299`. */
export function statusMatcher(matcher: string): (status: number) => boolean {
  const ranges = matcher
    .split(",")
    .map((part) => part.trim().split("-").map(Number))
    .map(([from, to]) => ({ from: from ?? Number.NaN, to: to ?? from ?? Number.NaN }));
  return (status) => ranges.some(({ from, to }) => status >= from && status <= to);
}

/** Answers whether an address is in one of the CIDR blocks. */
export function addressMatcher(blocks: string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const block of blocks) {
    const [network = "", length] = block.split("/");
    const family = isIP(network) === 6 ? "ipv6" : "ipv4";
    if (isIP(network) === 0) continue;
    list.addSubnet(network, length === undefined ? (family === "ipv6" ? 128 : 32) : Number(length), family);
  }
  return (address) => list.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}
