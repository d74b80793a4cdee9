import { resourceRule } from "../../rule";
import { OPENING_KINDS, openings } from "../shared/ports";

const PRIVATE = /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.)/;

export const rule = resourceRule({
  name: "declared-networks-only",
  title: "Of private networks only declared ones get in: the environment's own and the office's.",
  severity: "medium",
  ids: [],
  why: "Over the VPN the whole company is a neighbour; 10.0.0.0/8 is more than anybody meant.",
  fix: "Name the networks; parameter `networks` lists what is declared.",
  kinds: OPENING_KINDS,
  parameters: { networks: { type: "array", items: { type: "string" } } },
  check: (subject, report, { settings }) => {
    const networks: string[] = settings.networks ?? [];
    if (networks.length === 0) return;
    for (const { cidrs } of openings(subject, "ingress")) {
      for (const cidr of cidrs.filter((one) => PRIVATE.test(one))) {
        if (!networks.some((network) => contains(network, cidr)))
          report(`${cidr} may come in and is not declared.`);
      }
    }
  },
});

function contains(outer: string, inner: string): boolean {
  const [from, to] = [range(outer), range(inner)];
  return from.first <= to.first && to.last <= from.last;
}

function range(cidr: string): { first: number; last: number } {
  const [address = "", bits = "32"] = cidr.split("/");
  const size = 2 ** (32 - Number(bits));
  const number = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  const first = Math.floor(number / size) * size;
  return { first, last: first + size - 1 };
}
