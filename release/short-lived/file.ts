/** The file of a short-lived environment: that of the one it is made from, with a network and an end of its own. */
import { createHash } from "node:crypto";
import { type Document, parseDocument } from "yaml";
import { formatCidr, overlaps, parseCidr, sizeOf } from "../../components/network/cidr";

/** What a copy has not: its place among the others, and what is the original's alone. */
const LEFT_OUT = ["promotion", "hours", "vpn", "budget"].map((key) => `retrofit:${key}`);

export function copyOf(text: string, { cidr, expires }: { cidr: string; expires: string }): string {
  const document = parseDocument(text);
  document.commentBefore = null;
  for (const key of LEFT_OUT) document.deleteIn(["config", key]);
  document.deleteIn(["config", "retrofit:web", "certificateArn"]);
  keepStandIns(document);
  document.setIn(["config", "retrofit:network", "cidr"], cidr);
  document.setIn(["config", "retrofit:expires"], expires);
  return document.toString({ lineWidth: 0 });
}

/** Other systems know the original alone; what stands in for one, everybody may ask. */
function keepStandIns(document: Document): void {
  const path = ["config", "retrofit:links"];
  const links = (document.toJS() as { config?: Record<string, { kind?: string }[]> }).config?.[
    "retrofit:links"
  ];
  if (!Array.isArray(links)) return;
  for (const index of [...links.keys()].reverse())
    if (links[index]?.kind !== "standIn") document.deleteIn([...path, index]);
  if (!links.some(({ kind }) => kind === "standIn")) document.deleteIn(path);
}

/** Short-lived environments live in 10.128.0.0/9, where none of the lasting ones is. */
const FIRST = parseCidr("10.128.0.0/9")!;

/**
 * A network that nothing has. Where the search begins depends on the name, so that two people who make an environment at
 * the same time, each with a checkout that does not know the other's, hardly ever meet.
 */
export function freeNetwork(name: string, prefix: number, taken: readonly string[]): string | undefined {
  const blocks = sizeOf(FIRST.prefix) / sizeOf(prefix);
  const start = createHash("sha256").update(name).digest().readUInt32BE() % blocks;
  const used = taken.map(parseCidr).filter((cidr) => cidr !== undefined);
  for (let i = 0; i < blocks; i++) {
    const block = { first: FIRST.first + ((start + i) % blocks) * sizeOf(prefix), prefix };
    if (!used.some((other) => overlaps(block, other))) return formatCidr(block);
  }
  return undefined;
}

const UNITS: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000 };
const LONGEST = 14 * UNITS.d!;

/** `30m`, `8h` or `2d`, in milliseconds; undefined when it is not that, or longer than two weeks. */
export function lifetime(text: string): number | undefined {
  const [, count, unit] = /^(\d{1,4})([mhd])$/.exec(text) ?? [];
  const span = Number(count) * (UNITS[unit ?? ""] ?? Number.NaN);
  return span > 0 && span <= LONGEST ? span : undefined;
}
