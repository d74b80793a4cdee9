import { bar } from "../commands/status";
import { duration, type Output } from "../output";
import type { Story } from "./story";
import { loadWindow, type Segment, segments } from "./trace";

/** The demo as a table for the terminal. */
export function describeSummary(output: Output, story: Story): string[] {
  const { colors } = output;
  const { report, trace, refused } = story;
  const { startedAt } = loadWindow(trace.samples);
  const versions = Object.keys(report.versions).sort();
  const good = report.failed === 0;
  const zero = `${report.failed} failed requests of ${report.requests.toLocaleString("en")}`;
  return [
    colors.bold("Who served, second by second"),
    colors.dim(`  ${"seconds".padEnd(11)} ${"traffic by the listener's weights".padEnd(46)} answered`),
    ...segments(trace).map((segment) => `  ${describeSegment(segment, startedAt)}`),
    "",
    colors.bold("Phases"),
    ...report.phases.map(({ name, seconds }) => `  ${name.padEnd(24)} ${duration(seconds).padStart(12)}`),
    "",
    colors.bold("Result"),
    `  ${good ? colors.green(zero) : colors.red(zero)}, ${averageRate(story)} requests per second`,
    ...versions.map((version) => `  ${version} answered ${report.versions[version]?.toLocaleString("en")}`),
    `  ${refused.version} ${describeRefusal(story)}`,
    `  switch ${duration(report.switchSeconds)} (first change of the weights to the last answer of the former version, without the held steps)`,
    `  rollback ${duration(report.rollbackSeconds)} (command to the last answer of the version rolled back)`,
  ];
}

function describeSegment({ startedAt, endedAt, weights, served, failed }: Segment, origin: number): string {
  const from = ((startedAt - origin) / 1000).toFixed(0).padStart(4);
  const to = ((endedAt - origin) / 1000).toFixed(0).padStart(4);
  const shares = Object.entries(weights)
    .filter(([, percent]) => percent > 0)
    .map(([version, percent]) => `${version} ${bar(percent, 10)} ${String(percent).padStart(3)} %`);
  const answers = Object.entries(served).map(([version, n]) => `${version}: ${n.toLocaleString("en")}`);
  const failures = failed > 0 ? `, ${failed} failed` : "";
  return `${from} –${to}  ${shares.join("  ").padEnd(46)} ${answers.join("  ")}${failures}`;
}

export function describeRefusal({ refused, report }: Story): string {
  const answered = report.versions[refused.version] ?? 0;
  const served = `answered ${answered} production requests`;
  if (refused.gate === undefined) return `was NOT turned away, ${served}`;
  return `was turned away by the ${refused.gate} gate, ${served}`;
}

export function averageRate({ report, trace }: Story): number {
  const { startedAt, endedAt } = loadWindow(trace.samples);
  return endedAt > startedAt ? Math.round(report.requests / ((endedAt - startedAt) / 1000)) : 0;
}
