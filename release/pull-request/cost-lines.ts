/** What a change costs, in the lines of the comment. */
import { money } from "../../stacks/prices";

/** Of a month, with as few machines as there may be and with as many; null where nothing has a price. */
export interface Amounts {
  least: number | null;
  most: number | null;
}

export interface CostOfChange {
  currency: string;
  /** By part; `before` is missing where there was no such environment. */
  parts: { part: string; now: Amounts; before?: Amounts }[];
  total: { now: Amounts; before?: Amounts };
  /** Where the prices are from, and of when. */
  sources: readonly string[];
  /** What has no price, and is in no sum. */
  missing: readonly string[];
  /** What nobody can say before, by name. */
  notEstimated: readonly string[];
}

export function costLines({
  currency,
  parts,
  total,
  sources,
  missing,
  notEstimated,
}: CostOfChange): string[] {
  const lines = [`**What it costs a month**: ${sentence(total, currency)}`];
  const changed = parts.filter(({ now, before }) => before && !same(now, before));
  if (changed.length > 0) {
    const rows = changed.map(({ part, now, before }) => `| ${part} | ${range(before!)} | ${range(now)} |`);
    lines.push(["| | before | after |", "| --- | --- | --- |", ...rows].join("\n"));
  }
  const notes = [
    ...(sources.length > 0 ? [`Prices: ${sources.join("; ")}. Not in it: ${notEstimated.join("; ")}.`] : []),
    ...(missing.length > 0 ? [`No price for ${missing.join(", ")}, so not in the sums either.`] : []),
  ];
  return notes.length > 0 ? [...lines, `<sub>${notes.join(" ")}</sub>`] : lines;
}

function sentence({ now, before }: CostOfChange["total"], currency: string): string {
  if (now.most === null) return "not known";
  if (!before) return `${range(now)} ${currency}`;
  if (same(now, before)) return `${range(now)} ${currency}, as before`;
  const more = before.most === null ? "" : `, ${signed(now.most - before.most)} at the most`;
  return `${range(before)} → ${range(now)} ${currency}${more}`;
}

const same = (a: Amounts, b: Amounts): boolean => a.least === b.least && a.most === b.most;

const shown = (amount: number | null): string => (amount === null ? "?" : money(amount));

const range = ({ least, most }: Amounts): string =>
  least === most ? shown(least) : `${shown(least)} to ${shown(most)}`;

const signed = (amount: number): string => `${amount < 0 ? "−" : "+"}${money(Math.abs(amount))}`;
