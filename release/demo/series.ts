import {
  answeredAt,
  countVersions,
  distinctChanges,
  isFailure,
  loadWindow,
  type Phase,
  type Trace,
} from "./trace";

/** What the charts draw: everything in seconds since the load began. */
export interface Series {
  seconds: number;
  versions: string[];
  /** Answers in each second, by version in the order of `versions`. */
  perSecond: number[][];
  /** Median and 99th percentile of the answer time in each second, in milliseconds; undefined without answers. */
  latency: ({ p50: number; p99: number } | undefined)[];
  failures: { at: number; reason: string }[];
  /** Percent by version from a moment on. */
  weights: { at: number; percent: number[] }[];
  phases: { name: string; from: number; to: number }[];
}

export function makeSeries(trace: Trace): Series {
  const { startedAt, endedAt } = loadWindow(trace.samples);
  const seconds = Math.max(1, Math.floor((endedAt - startedAt) / 1000));
  const since = (at: number) => (at - startedAt) / 1000;
  const versions = Object.keys(countVersions(trace.samples)).sort();
  const perSecond = Array.from({ length: seconds }, () => versions.map(() => 0));
  const times: number[][] = Array.from({ length: seconds }, () => []);
  const failures: Series["failures"] = [];
  for (const sample of trace.samples) {
    if (isFailure(sample)) {
      failures.push({ at: since(answeredAt(sample)), reason: sample.error ?? `HTTP ${sample.status}` });
      continue;
    }
    const second = Math.floor(since(answeredAt(sample)));
    const row = perSecond[second];
    // The last second is not a whole one; drawn, it would look as if the load had broken down.
    if (!row) continue;
    const index = versions.indexOf(sample.version ?? "unknown");
    row[index] = (row[index] ?? 0) + 1;
    times[second]?.push(sample.milliseconds);
  }
  return {
    seconds,
    versions,
    perSecond,
    latency: times.map(percentiles),
    failures,
    weights: weightSteps(trace, versions, startedAt, seconds),
    phases: trace.phases.map(clipPhase(since, seconds)).filter(({ from, to }) => to - from > 0.05),
  };
}

function weightSteps(
  trace: Trace,
  versions: string[],
  startedAt: number,
  seconds: number,
): Series["weights"] {
  return distinctChanges(trace.weights, startedAt + seconds * 1000)
    .map(({ at, weights }) => ({
      at: Math.max(0, (at - startedAt) / 1000),
      percent: versions.map((version) => weights[version] ?? 0),
    }))
    .filter((step, index, all) => (all[index + 1]?.at ?? Number.POSITIVE_INFINITY) > 0 || step.at > 0);
}

function clipPhase(since: (at: number) => number, seconds: number) {
  return ({ name, startedAt, endedAt }: Phase) => ({
    name,
    from: Math.max(0, since(startedAt)),
    to: Math.min(seconds, since(endedAt)),
  });
}

function percentiles(times: number[]): { p50: number; p99: number } | undefined {
  if (times.length === 0) return undefined;
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { p50: at(0.5), p99: at(0.99) };
}
