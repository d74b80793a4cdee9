import { type Clock, type Report, systemClock, type TrafficClients } from "./clients";
import { readFleet } from "./fleet-state";
import { GateError } from "./gate-error";
import { isTransient } from "./health-gate";
import { errorPercent, firingAlarms, readTraffic } from "./metrics";
import {
  readServing,
  type Serving,
  sameShares,
  servingGroups,
  stepWeights,
  type Weights,
  writeActions,
  writeWeights,
} from "./serving";

export interface ShiftSettings {
  /** Percent of the traffic that the new fleet gets, step by step; ascending, the last is 100. `[100]` moves all at once. */
  readonly steps: readonly number[];
  /** Seconds that each step but the last is held and watched. CloudWatch counts by the minute: below 60 only health is watched closely. */
  readonly waitSeconds: number;
  /** Seconds between looks while a step is held. */
  readonly pollSeconds: number;
  /** Share of answers 5xx in percent above which the release is turned away, unless the serving one does as badly. */
  readonly maxErrorPercent: number;
  /** Requests that the new fleet must have had before its errors are judged. */
  readonly minRequests: number;
  /** 99th percentile of the answer time in seconds above which the release is turned away. Default: not judged. */
  readonly maxLatencySeconds?: number;
  /** CloudWatch alarms that turn the release away when they fire. */
  readonly alarms: readonly string[];
}

/**
 * Moves the traffic to a target group, step by step, while its health, errors, latency and the alarms hold.
 * On any failure the former listener actions are put back, to the letter, before the error is thrown.
 *
 * @throws GateError `metrics`, `health`, `alarms`, or `interference` (somebody else moved the weights: then
 *   nothing is put back, since the former weights are no longer what anyone wants).
 */
export async function shiftTraffic(
  clients: TrafficClients,
  listenerArn: string,
  newGroup: string,
  settings: ShiftSettings,
  report: Report,
  clock: Clock = systemClock,
): Promise<void> {
  const before = await readServing(clients, listenerArn);
  const started = clock.now();
  const steps = servingGroups(before.weights).length === 0 ? [100] : settings.steps;
  try {
    for (const percent of steps) {
      const weights = stepWeights(before.weights, newGroup, percent);
      await retrying(() => writeWeights(clients, listenerArn, weights), clock);
      if (percent === 100) {
        report("shift: 100 % of the traffic on the new fleet");
        return;
      }
      report(`shift: ${percent} % of the traffic on the new fleet, watching for ${settings.waitSeconds} s`);
      await watchStep(clients, { listenerArn, newGroup, weights, before, started }, settings, report, clock);
    }
  } catch (error) {
    if (error instanceof GateError && error.gate === "interference") throw error;
    throw await putBack(clients, listenerArn, before, error, report, clock);
  }
}

interface Step {
  readonly listenerArn: string;
  readonly newGroup: string;
  readonly weights: Weights;
  readonly before: Serving;
  readonly started: number;
}

async function watchStep(
  clients: TrafficClients,
  step: Step,
  settings: ShiftSettings,
  report: Report,
  clock: Clock,
) {
  const until = clock.now() + settings.waitSeconds;
  do {
    await clock.sleep(Math.min(settings.pollSeconds, Math.max(0, until - clock.now())));
    try {
      await judgeStep(clients, step, settings, report, clock);
    } catch (error) {
      // One look that AWS did not answer proves nothing; the next one will tell.
      if (!isTransient(error)) throw error;
      report(`shift: AWS did not answer (${(error as Error).name}), looking again`);
    }
  } while (clock.now() < until);
}

async function judgeStep(
  clients: TrafficClients,
  step: Step,
  settings: ShiftSettings,
  report: Report,
  clock: Clock,
) {
  const [live, fleet, firing, reading] = await Promise.all([
    readServing(clients, step.listenerArn),
    readFleet(clients, step.newGroup),
    firingAlarms(clients, settings.alarms),
    readTraffic(
      clients,
      { listenerArn: step.listenerArn, targetGroupArn: step.newGroup },
      step.started,
      clock.now(),
    ),
  ]);
  if (!sameShares(live.weights, step.weights)) {
    throw new GateError(
      "interference",
      `somebody else moved the listener's weights during the shift (they are now ${describeWeights(live.weights)}).`,
      "The traffic was left as they put it. Make sure that nobody else releases, then run the release again.",
    );
  }
  if (firing.length > 0) throw new GateError("alarms", `alarm ${firing.join(", ")} fired during the shift.`);
  const sick = Object.entries(fleet?.waitingFor ?? {}).filter(([, state]) => state.startsWith("unhealthy"));
  if (!fleet || fleet.healthy.length === 0 || sick.length > 0) {
    const seen = fleet
      ? sick.map(([id, state]) => `${id} ${state}`).join(", ") || "none is healthy"
      : "its group is gone";
    throw new GateError("health", `machines of the new fleet failed during the shift: ${seen}.`);
  }
  report(`shift: ${reading.requests} requests on the new fleet, ${reading.errors} errors`);
  if (reading.requests < settings.minRequests) return;
  await judgeErrors(clients, step, reading, settings, clock);
  if (
    settings.maxLatencySeconds !== undefined &&
    (reading.latencySeconds ?? 0) > settings.maxLatencySeconds
  ) {
    throw new GateError(
      "metrics",
      `the new fleet answered in ${reading.latencySeconds?.toFixed(2)} s (99th percentile), above ${settings.maxLatencySeconds} s.`,
    );
  }
}

/** Errors count against the release only where it does worse than what serves now: a broken database is not its fault. */
async function judgeErrors(
  clients: TrafficClients,
  step: Step,
  reading: { requests: number; errors: number },
  settings: ShiftSettings,
  clock: Clock,
) {
  const percent = errorPercent(reading);
  if (percent <= settings.maxErrorPercent) return;
  const serving = servingGroups(step.before.weights).find((arn) => arn !== step.newGroup);
  const compared = serving
    ? await readTraffic(
        clients,
        { listenerArn: step.listenerArn, targetGroupArn: serving },
        step.started,
        clock.now(),
      )
    : undefined;
  if (compared && compared.requests >= settings.minRequests && percent <= errorPercent(compared)) return;
  throw new GateError(
    "metrics",
    `${reading.errors} of ${reading.requests} requests to the new fleet failed (${percent.toFixed(1)} %, allowed ${settings.maxErrorPercent} %` +
      `${compared ? `, the serving fleet has ${errorPercent(compared).toFixed(1)} %` : ""}).`,
  );
}

async function putBack(
  clients: TrafficClients,
  listenerArn: string,
  before: Serving,
  error: unknown,
  report: Report,
  clock: Clock,
): Promise<unknown> {
  try {
    await retrying(() => writeActions(clients, listenerArn, before.actions), clock);
  } catch (second) {
    const sentence = `The former weights could NOT be put back (${(second as Error).message}): part of the traffic may be on the new fleet. Put them back by hand on ${listenerArn}, to ${describeWeights(before.weights)}.`;
    return error instanceof GateError
      ? error.withTraffic(sentence)
      : new Error(`${(error as Error).message} ${sentence}`);
  }
  report("shift: the former weights are back");
  return error;
}

async function retrying<T>(call: () => Promise<T>, clock: Clock): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      if (attempt === 5 || !isTransient(error)) throw error;
      await clock.sleep(attempt);
    }
  }
}

export function describeWeights(weights: Weights): string {
  const parts = Object.entries(weights).map(([arn, weight]) => `${arn.split("/")[1] ?? arn}=${weight}`);
  return parts.join(", ") || "nothing";
}
