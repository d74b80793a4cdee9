/** One request of the load generator. Times in epoch milliseconds. */
export interface Sample {
  sentAt: number;
  milliseconds: number;
  /** HTTP status; 0 without an answer. */
  status: number;
  /** The release that answered, by its `X-Release` header. */
  version?: string;
  /** Why there was no answer. */
  error?: string;
}

/** The listener's weights from a moment on, in percent by version. */
export interface WeightChange {
  at: number;
  weights: Record<string, number>;
}

export interface Phase {
  name: string;
  startedAt: number;
  endedAt: number;
}

/** All that was recorded: what the report is made of. */
export interface Trace {
  samples: Sample[];
  weights: WeightChange[];
  phases: Phase[];
}

/** Moving the traffic from one version to another within a window of the trace. */
export interface Move {
  from: string;
  to: string;
  startedAt: number;
  endedAt: number;
}

/** The contract of `demo --json`. */
export interface DemoReport {
  requests: number;
  failed: number;
  versions: Record<string, number>;
  switchSeconds: number;
  rollbackSeconds: number;
  phases: { name: string; seconds: number }[];
}

/** Anything but an answer of the application's that a user would be content with. */
export function isFailure({ status }: Sample): boolean {
  return status < 200 || status >= 400;
}

export function answeredAt(sample: Sample): number {
  return sample.sentAt + sample.milliseconds;
}

/** Requests answered well, by version. */
export function countVersions(samples: readonly Sample[]): Record<string, number> {
  const versions: Record<string, number> = {};
  for (const sample of samples) {
    if (isFailure(sample)) continue;
    const version = sample.version ?? "unknown";
    versions[version] = (versions[version] ?? 0) + 1;
  }
  return Object.fromEntries(Object.entries(versions).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * From the first change of the weights to the last request that the former version answered, without the time for
 * which the steps were held on purpose (`waitSeconds` each).
 */
export function switchSeconds(trace: Trace, move: Move, waitSeconds: number): number {
  const changes = trace.weights.filter(({ at }) => at >= move.startedAt && at <= move.endedAt);
  const steps = changes.filter(({ weights }) => (weights[move.to] ?? 0) > 0);
  const first = steps[0];
  const last = lastAnswer(trace.samples, move.from, move);
  if (!first || last === undefined || last < first.at) return 0;
  const complete = steps.findIndex(({ weights }) => (weights[move.from] ?? 0) === 0);
  const held = (complete === -1 ? steps.length - 1 : complete) * waitSeconds;
  return Math.max(0, (last - first.at) / 1000 - held);
}

/** From the command to the last request that the former version answered. */
export function rollbackSeconds(trace: Trace, move: Move): number {
  const last = lastAnswer(trace.samples, move.from, move);
  return last === undefined ? 0 : (last - move.startedAt) / 1000;
}

function lastAnswer(samples: readonly Sample[], version: string, move: Move): number | undefined {
  let last: number | undefined;
  for (const sample of samples) {
    const at = answeredAt(sample);
    if (sample.version !== version || at < move.startedAt || at > move.endedAt) continue;
    if (last === undefined || at > last) last = at;
  }
  return last;
}

/** A stretch of time in which the weights stood still, with what was served meanwhile. */
export interface Segment {
  startedAt: number;
  endedAt: number;
  weights: Record<string, number>;
  served: Record<string, number>;
  failed: number;
}

/** The timeline: one segment per change of the weights while there was load. */
export function segments(trace: Trace): Segment[] {
  const { startedAt, endedAt } = loadWindow(trace.samples);
  const changes = distinctChanges(trace.weights, endedAt);
  return changes.flatMap((change, index) => {
    const from = Math.max(change.at, startedAt);
    const to = Math.min(changes[index + 1]?.at ?? endedAt, endedAt);
    if (to <= from) return [];
    const last = to === endedAt;
    const within = trace.samples.filter(
      ({ sentAt }) => sentAt >= from && (last ? sentAt <= to : sentAt < to),
    );
    return [
      {
        startedAt: from,
        endedAt: to,
        weights: change.weights,
        served: countVersions(within),
        failed: within.filter(isFailure).length,
      },
    ];
  });
}

/** Changes that changed something: the engine writes the final weights once more after the shift. */
export function distinctChanges(
  changes: readonly WeightChange[],
  until = Number.POSITIVE_INFINITY,
): WeightChange[] {
  return [...changes]
    .filter(({ at }) => at <= until)
    .sort((a, b) => a.at - b.at)
    .filter((change, index, all) => !sameWeights(change.weights, all[index - 1]?.weights));
}

function sameWeights(a: Record<string, number>, b: Record<string, number> | undefined): boolean {
  if (!b) return false;
  const versions = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...versions].every((version) => (a[version] ?? 0) === (b[version] ?? 0));
}

/** When the load began and ended. */
export function loadWindow(samples: readonly Sample[]): { startedAt: number; endedAt: number } {
  let startedAt = Number.POSITIVE_INFINITY;
  let endedAt = Number.NEGATIVE_INFINITY;
  for (const sample of samples) {
    startedAt = Math.min(startedAt, sample.sentAt);
    endedAt = Math.max(endedAt, answeredAt(sample));
  }
  return samples.length === 0 ? { startedAt: 0, endedAt: 0 } : { startedAt, endedAt };
}

export function rounded(seconds: number): number {
  return Math.round(seconds * 10) / 10;
}
