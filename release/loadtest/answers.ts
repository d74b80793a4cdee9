import { isFailure, type Sample } from "../demo/trace";
import type { Limits } from "./profile";

/** What the users of the load had. Times in milliseconds. */
export interface Answers {
  requests: number;
  failed: number;
  errorPercent: number;
  answersPerSecond: number;
  p50?: number;
  p95?: number;
  p99?: number;
  /** How requests failed, and how often. */
  failures: Record<string, number>;
}

export function answersOf(samples: readonly Sample[], seconds: number): Answers {
  const bad = samples.filter(isFailure);
  const good = samples.filter((sample) => !isFailure(sample));
  const times = good.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b);
  const percentile = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))];
  const failures: Record<string, number> = {};
  for (const { status, error } of bad) {
    const why = error ?? `HTTP ${status}`;
    failures[why] = (failures[why] ?? 0) + 1;
  }
  return {
    requests: samples.length,
    failed: bad.length,
    errorPercent: samples.length === 0 ? 0 : (bad.length * 100) / samples.length,
    answersPerSecond: good.length / seconds,
    ...(times.length > 0 ? { p50: percentile(0.5)!, p95: percentile(0.95)!, p99: percentile(0.99)! } : {}),
    failures,
  };
}

/** What did not hold, a sentence for each. Without an answer no time holds. */
export function missedLimits(answers: Answers, limits: Limits): string[] {
  const missed: string[] = [];
  if (answers.requests === 0) return ["nothing was sent"];
  if (limits.errorPercent !== undefined && answers.errorPercent > limits.errorPercent) {
    missed.push(
      `${answers.failed} of ${answers.requests} requests failed (${answers.errorPercent.toFixed(1)} %, allowed ${limits.errorPercent} %)`,
    );
  }
  for (const name of ["p50", "p95", "p99"] as const) {
    const [took, allowed] = [answers[name], limits[name]];
    if (allowed === undefined || (took !== undefined && took <= allowed)) continue;
    missed.push(`${name} ${took === undefined ? "without an answer" : `${took} ms`}, allowed ${allowed} ms`);
  }
  if (limits.answersPerSecond !== undefined && answers.answersPerSecond < limits.answersPerSecond) {
    missed.push(
      `${answers.answersPerSecond.toFixed(1)} answers per second, asked for ${limits.answersPerSecond}`,
    );
  }
  return missed;
}
