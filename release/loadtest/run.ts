import { systemClock } from "../../components/shared/clock";
import { type FleetState, readFleet } from "../../components/web-tier/traffic";
import type { EnvironmentConfig } from "../../stacks/config";
import type { Context } from "../context";
import type { RunningEnvironment } from "../environment";
import { failed } from "../errors";
import { count, duration } from "../output";
import { answersOf, missedLimits } from "./answers";
import { nameBottleneck } from "./bottleneck";
import { drive, type LoadProgress, type LoadTrace } from "./drive";
import type { Fleet } from "./measures";
import { placesOf } from "./places";
import { type LoadRequest, type Profile, secondsOf } from "./profile";
import { type LayerReading, readLayers, readWhenThere, windowOf } from "./read-figures";
import type { LoadtestResult } from "./result";

/**
 * How metrics come: by the minute and some minutes late on AWS; every few seconds in the sandbox, where a number stands at the
 * end of the time that it is of.
 */
const METRICS = {
  aws: { periodSeconds: 60, behindSeconds: 0, waitSeconds: 300, pollSeconds: 15 },
  sandbox: { periodSeconds: 5, behindSeconds: 5, waitSeconds: 20, pollSeconds: 1 },
};
/** Seconds between two looks at the machines. */
const FLEET_SECONDS = 5;
/** Seconds between two lines where lines cannot be redrawn. */
const TELL_SECONDS = 10;

export interface Run {
  result: LoadtestResult;
  trace: LoadTrace;
  series: LayerReading["series"];
  periodSeconds: number;
}

/** Puts the load on an environment, reads its layers over the same time, and judges. */
export async function runLoadtest(
  context: Context,
  running: RunningEnvironment,
  version: string,
  config: EnvironmentConfig,
  profile: Profile,
): Promise<Run> {
  const { name: environment, outputs, clients } = running;
  const startedAt = systemClock.now();
  const machines = watchFleet(() => readFleet(clients, outputs.fleets[version]?.targetGroupArn ?? ""));
  const trace = await drive(outputs.url, profile.stages, profile.requests ?? smokeRequests(config), {
    stop: () => context.interrupts.requested,
    tell: teller(context, profile),
  }).finally(() => machines.stop());
  const endedAt = systemClock.now();
  context.output.setLive([]);
  if (trace === undefined) throw failed("Stopped as you asked. Nothing was kept.");

  const { periodSeconds, behindSeconds, ...wait } = context.sandbox ? METRICS.sandbox : METRICS.aws;
  const window = windowOf(startedAt + behindSeconds, endedAt, periodSeconds);
  const places = placesOf(outputs);
  context.output.line(context.output.colors.dim("  reading the metrics of each layer"));
  const { values, series } = await readWhenThere(() => readLayers(clients, places, window), window, {
    seconds: wait.waitSeconds,
    pollSeconds: wait.pollSeconds,
    ...systemClock,
  });
  const fleet = fleetOf(await machines.seen, config);
  const figures = { ...values, ...(fleet && { fleet }) };
  const answers = answersOf(trace.samples, secondsOf(profile));
  const missed = missedLimits(answers, profile.limits);
  const result: LoadtestResult = {
    ...{ environment, version, profile, at: new Date(startedAt * 1000).toISOString() },
    ...{ seconds: secondsOf(profile), passed: missed.length === 0, missed },
    ...{ answers, figures, verdict: nameBottleneck(figures) },
  };
  return { result, trace, series, periodSeconds };
}

/** What a release is asked anyway. */
function smokeRequests({ application }: EnvironmentConfig): LoadRequest[] {
  return application.smoke.map(({ path }) => ({ path, method: "GET", weight: 1 }));
}

/** Looks at the machines while the load is on. A look that fails shows nothing. */
function watchFleet(look: () => Promise<FleetState | undefined>): {
  seen: Promise<FleetState[]>;
  stop(): void;
} {
  let ended = false;
  const watch = async () => {
    const states: FleetState[] = [];
    for (let second = 0; !ended; second++) {
      const state = second % FLEET_SECONDS === 0 ? await look().catch(() => undefined) : undefined;
      if (state) states.push(state);
      await systemClock.sleep(1);
    }
    return states;
  };
  const stop = () => {
    ended = true;
  };
  return { seen: watch(), stop };
}

function fleetOf(states: readonly FleetState[], { web }: EnvironmentConfig): Fleet | undefined {
  if (states.length === 0) return undefined;
  const { cpuPercent } = web.scaling;
  return {
    count: Math.max(...states.map(({ inService }) => inService.length)),
    limit: Math.max(...states.map(({ limit }) => limit)),
    ...(cpuPercent === undefined ? {} : { targetCpu: cpuPercent }),
  };
}

function teller({ output }: Context, profile: Profile): (progress: LoadProgress) => void {
  const all = secondsOf(profile);
  let second = 0;
  return ({ stage, sent, failed: bad }) => {
    second += 1;
    const errors = bad > 0 ? `, ${bad} failed` : "";
    const line = `${stage}: ${duration(second)} of ${duration(all)}, ${count(sent, "answer")}${errors}`;
    if (output.interactive) output.setLive([`  ${output.colors.dim(line)}`]);
    else if (second % TELL_SECONDS === 0) output.line(`${output.colors.cyan("│")} ${line}`);
  };
}
