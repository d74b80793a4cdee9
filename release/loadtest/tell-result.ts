import type { Output } from "../output";
import { describeVerdict } from "./bottleneck";
import { type Compared, describeRatio } from "./compare";
import { LAYER_TITLES, LAYERS, measuresOf, showValue } from "./measures";
import type { LoadtestResult } from "./result";

/** From where on a figure is told beside that of the last run. */
const NOTABLE = 1.2;

/** A run for the terminal. */
export function tellResult(
  output: Output,
  { answers, figures, verdict }: LoadtestResult,
  compared: Compared[],
): void {
  const { colors } = output;
  const times = (["p50", "p95", "p99"] as const)
    .filter((name) => answers[name] !== undefined)
    .map((name) => `${name} ${answers[name]} ms`);
  output.line(
    `  ${"users".padEnd(14)} ${[`${answers.answersPerSecond.toFixed(1)} answers per second`, `${answers.failed} of ${answers.requests} failed`, ...times].join(", ")}`,
  );
  for (const layer of LAYERS) {
    const values = figures[layer] as Record<string, number> | undefined;
    if (values === undefined) continue;
    const texts = measuresOf(layer).flatMap(([key, { title, unit }]) => {
      const value = values[key];
      return value === undefined ? [] : [`${title} ${showValue(value, unit)}`];
    });
    if (layer === "machines" && figures.fleet)
      texts.push(`${figures.fleet.count} of at most ${figures.fleet.limit}`);
    output.line(`  ${LAYER_TITLES[layer].padEnd(14)} ${texts.join(", ") || colors.yellow("no figures")}`);
  }
  for (const each of compared.filter(({ ratio = 1 }) => ratio >= NOTABLE || ratio <= 1 / NOTABLE)) {
    output.line(colors.dim(`  ${each.figure}: ${each.last} → ${each.now}, ${describeRatio(each)}`));
  }
  output.line();
  const { bottleneck, also, missing } = verdict;
  output.heading(describeVerdict(verdict));
  if (bottleneck) output.line(`  First: ${bottleneck.change}. ${bottleneck.advice}`);
  for (const { layer, figures } of also) {
    output.line(`  Also at its limit: ${LAYER_TITLES[layer]} (${figures.join(", ")})`);
  }
  if (bottleneck && missing.length > 0) output.warn(`Not there to read: ${missing.join(", ")}`);
}
