import { type Clock, type Report, systemClock, type TrafficClients } from "./clients";
import { raiseCapacity, readFleet } from "./fleet-state";
import { GateError } from "./gate-error";
import { type HealthGateSettings, isTransient, waitForHealthy } from "./health-gate";
import { errorPercent, firingAlarms, readTraffic } from "./metrics";
import type { OwnedListener } from "./owned-listener";
import { describeWeights, servingGroups, shares, stepWeights, type Weights } from "./weights";

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
  /**
   * Asked at each look, with the seconds since the shift began, for what else speaks against the release; a sentence turns
   * it away. The other judgements do not wait for it, the next look does. Default: nothing is asked.
   */
  readonly watch?: (sinceSeconds: number) => Promise<string | undefined>;
}

/** What a shift is about, beside its settings. */
export interface Shift {
  readonly listener: OwnedListener;
  readonly newGroup: string;
  /** Weights to end with, to the letter. Default: everything on the new group. */
  readonly wanted?: Weights;
  /** Percents to go through. Default: those of the settings. */
  readonly steps?: readonly number[];
  /** Machines that the new fleet needs, asked at each look: the serving fleet may grow meanwhile. */
  readonly needed?: () => Promise<number>;
}

/**
 * Moves the traffic to a target group, step by step, while its health, errors, latency and the alarms hold.
 * On any failure the former listener actions are put back, to the letter, before the error is thrown.
 *
 * @throws GateError `metrics`, `health`, `capacity`, `alarms`, `logs`, or `interference` (somebody else moved the weights: then
 *   nothing is put back, since the former weights are no longer what anyone wants).
 */
export async function shiftTraffic(
  clients: TrafficClients,
  shift: Shift,
  settings: ShiftSettings & HealthGateSettings,
  report: Report,
  clock: Clock = systemClock,
): Promise<void> {
  const { listener, newGroup } = shift;
  const { before } = listener;
  const sizes = await sizesOf(clients, before.weights, newGroup);
  const started = clock.now();
  const steps = remainingSteps(before.weights, newGroup, shift.steps ?? settings.steps);
  try {
    for (const [index, percent] of steps.entries()) {
      if (index > 0) await keepUp(clients, shift, settings, report, clock);
      if (percent === 100) {
        await listener.write(shift.wanted ?? stepWeights(before.weights, newGroup, 100));
        report("shift: 100 % of the traffic on the new fleet");
        return;
      }
      await listener.write(stepWeights(before.weights, newGroup, percent));
      report(`shift: ${percent} % of the traffic on the new fleet, watching for ${settings.waitSeconds} s`);
      await watchStep(clients, { ...shift, started }, settings, report, clock);
    }
  } catch (error) {
    if (error instanceof GateError && error.gate === "interference") throw error;
    throw await putBack(clients, listener, sizes, error, report);
  }
}

/** A fleet that has part of the traffic already, as after a crash, is not sent back to a smaller share of it. */
export function remainingSteps(
  before: Weights,
  newGroup: string,
  steps: readonly number[],
): readonly number[] {
  if (servingGroups(before).length === 0) return [100];
  const share = shares(before)[newGroup] ?? 0;
  return steps.filter((percent) => percent >= share);
}

/** Before more traffic comes, the new fleet has what the serving one has by now. */
async function keepUp(
  clients: TrafficClients,
  { newGroup, needed }: Shift,
  settings: ShiftSettings & HealthGateSettings,
  report: Report,
  clock: Clock,
): Promise<void> {
  if (!needed) return;
  await waitForHealthy(clients, newGroup, needed, { ...settings, healthyPolls: 1 }, report, clock);
}

/** How many machines the fleets that serve have: what a shift that fails finds again. */
async function sizesOf(
  clients: TrafficClients,
  before: Weights,
  newGroup: string,
): Promise<[string, number][]> {
  const former = servingGroups(before).filter((arn) => arn !== newGroup);
  const fleets = await Promise.all(former.map((arn) => readFleet(clients, arn).catch(() => undefined)));
  return former.map((arn, index) => [arn, fleets[index]?.desired ?? 0]);
}

interface Step extends Shift {
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
  await step.listener.check();
  // What may take its time to answer is asked with the rest and heard last: it holds up no other judgement.
  const complaint = settings.watch?.(clock.now() - step.started);
  complaint?.catch(() => {});
  await judgeMachines(clients, step, settings, report);
  await judgeAnswers(clients, step, settings, report, clock);
  const said = await complaint;
  if (said !== undefined) throw new GateError("logs", said);
}

async function judgeMachines(clients: TrafficClients, step: Step, settings: ShiftSettings, report: Report) {
  const [fleet, firing, needed] = await Promise.all([
    readFleet(clients, step.newGroup),
    firingAlarms(clients, settings.alarms),
    step.needed?.() ?? 0,
  ]);
  if (firing.length > 0) throw new GateError("alarms", `alarm ${firing.join(", ")} fired during the shift.`);
  const sick = Object.entries(fleet?.waitingFor ?? {}).filter(([, state]) => state.startsWith("unhealthy"));
  if (!fleet || fleet.healthy.length === 0 || sick.length > 0) {
    const seen = fleet
      ? sick.map(([id, state]) => `${id} ${state}`).join(", ") || "none is healthy"
      : "its group is gone";
    throw new GateError("health", `machines of the new fleet failed during the shift: ${seen}.`);
  }
  if (fleet.desired < needed) {
    const size = await raiseCapacity(clients, fleet, needed);
    if (size > fleet.desired) report(`capacity: the serving fleet grew; the new one is raised to ${size}`);
  }
}

async function judgeAnswers(
  clients: TrafficClients,
  step: Step,
  settings: ShiftSettings,
  report: Report,
  clock: Clock,
) {
  const reading = await readTraffic(
    clients,
    { listenerArn: step.listener.arn, targetGroupArn: step.newGroup },
    step.started,
    clock.now(),
  );
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
  const serving = servingGroups(step.listener.before.weights).find((arn) => arn !== step.newGroup);
  const compared = serving
    ? await readTraffic(
        clients,
        { listenerArn: step.listener.arn, targetGroupArn: serving },
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
  listener: OwnedListener,
  sizes: readonly [string, number][],
  error: unknown,
  report: Report,
): Promise<unknown> {
  try {
    await listener.putBack();
  } catch (second) {
    const sentence =
      second instanceof GateError && second.gate === "interference"
        ? (second.traffic ?? "")
        : `The former weights could NOT be put back (${(second as Error).message}): part of the traffic may be on the new fleet. Put them back by hand on ${listener.arn}, to ${describeWeights(listener.before.weights)}.`;
    return error instanceof GateError
      ? error.withTraffic(sentence)
      : new Error(`${(error as Error).message} ${sentence}`);
  }
  report("shift: the former weights are back");
  for (const [arn, size] of sizes) await restoreSize(clients, arn, size, report);
  return error;
}

/** With less traffic a fleet may have been scaled in meanwhile. */
async function restoreSize(
  clients: TrafficClients,
  arn: string,
  size: number,
  report: Report,
): Promise<void> {
  try {
    const fleet = await readFleet(clients, arn);
    if (fleet && fleet.desired < size) {
      await raiseCapacity(clients, fleet, size);
      report(`capacity: the serving fleet is raised to the ${size} machines that it had`);
    }
  } catch (error) {
    report(`capacity: the serving fleet's size could not be read (${(error as Error).name})`);
  }
}
