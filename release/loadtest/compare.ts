import { LAYER_TITLES, LAYERS, measuresOf, showValue } from "./measures";
import type { LoadtestResult } from "./result";

/** A figure of this run beside that of the last one. */
export interface Compared {
  figure: string;
  last: string;
  now: string;
  /** This run's divided by the last one's; absent where that was 0. */
  ratio?: number;
}

/** What both runs have, the users' figures first. */
export function compare(last: LoadtestResult, now: LoadtestResult): Compared[] {
  const compared: Compared[] = [];
  const add = (figure: string, unit: "%" | "ms" | "", before?: number, after?: number) => {
    if (before === undefined || after === undefined) return;
    const ratio = before === 0 ? {} : { ratio: Math.round((after / before) * 100) / 100 };
    compared.push({ figure, last: showValue(before, unit), now: showValue(after, unit), ...ratio });
  };
  add("answers per second", "", last.answers.answersPerSecond, now.answers.answersPerSecond);
  for (const name of ["p50", "p95", "p99"] as const) add(name, "ms", last.answers[name], now.answers[name]);
  add("failed requests", "%", last.answers.errorPercent, now.answers.errorPercent);
  for (const layer of LAYERS.filter((each) => each !== "loadBalancer")) {
    const values = (of: LoadtestResult) => (of.figures[layer] ?? {}) as Record<string, number>;
    for (const [key, { title, unit }] of measuresOf(layer)) {
      add(`${LAYER_TITLES[layer]}: ${title}`, unit, values(last)[key], values(now)[key]);
    }
  }
  return compared;
}

/** `1.4 × the last`, `as last time` */
export function describeRatio({ ratio }: Compared): string {
  if (ratio === undefined) return "";
  return ratio === 1 ? "as last time" : `${ratio} × last time`;
}
