/** Numbers as the report shows them. */
import { type Ratio, ratio, spread } from "./stats";

export function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, i) => (i === 0 ? "---" : "---:"))), ...rows.map(line)].join("\n");
}

/** `1.24 s (1.20–1.31)`: median, and the least and the most. */
export function measured(values: readonly number[], unit: string): string {
  const { median, min, max } = spread(values);
  return `${number(median)} ${unit} (${number(min)}–${number(max)})`;
}

/** `1.12 (1.05–1.20)`: ratio of the medians, and the least and the most of a pair. */
export function ratioOf(ours: readonly number[], peer: readonly number[]): string {
  return describeRatio(ratio(ours, peer));
}

function describeRatio({ ofMedians, pairwise }: Ratio): string {
  return `**${ofMedians.toFixed(2)}** (${pairwise.min.toFixed(2)}–${pairwise.max.toFixed(2)})`;
}

/** Three digits that mean something. */
export function number(value: number): string {
  if (Math.abs(value) >= 99.95) return value.toFixed(0);
  return Math.abs(value) >= 9.995 ? value.toFixed(1) : value.toFixed(2);
}
