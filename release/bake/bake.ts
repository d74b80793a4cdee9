import type { EnvironmentConfig } from "../../stacks/config";
import type { Context } from "../context";
import type { RunningEnvironment } from "../environment";
import { duration } from "../output";
import { type Look, look, verdict } from "./look";

export interface BakeOutcome {
  state: "passed" | "stopped" | "failed";
  seconds: number;
  requests: number;
  errors: number;
  /** What speaks against the release, where it failed. */
  why?: string;
}

/** Seconds between two lines where lines cannot be redrawn. */
const TELL_SECONDS = 30;
const pause = (seconds: number) => new Promise<void>((resolve) => setTimeout(resolve, seconds * 1000));

/**
 * Watches a release that has all of the traffic: its alarms, those of `shift.alarms`, and its errors and answer times.
 * Alarms that fired already when the watch began count once they have been quiet.
 */
export async function bake(
  context: Context,
  running: RunningEnvironment,
  config: EnvironmentConfig,
  version: string,
): Promise<BakeOutcome> {
  const targetGroupArn = running.outputs.fleets[version]?.targetGroupArn ?? "";
  const at = { listenerArn: running.outputs.listenerArn, targetGroupArn };
  const alarms = [...new Set([...(running.outputs.alarms ?? []), ...config.shift.alarms])];
  const { bakeSeconds } = config.keep;
  const started = Date.now() / 1000;
  const elapsed = () => Date.now() / 1000 - started;
  // Before anybody is told: an alarm of the first second is the release's own.
  let former = await firingNow(running, at, alarms, started);
  context.output.heading(
    `Watching ${version} for ${duration(bakeSeconds)}: an alarm puts the traffic back. Ctrl-C ends the watch, not the release.`,
  );
  const tell = teller(context, bakeSeconds);
  let last: Look = { firing: [], reading: { requests: 0, errors: 0 } };
  const outcome = (state: BakeOutcome["state"]): BakeOutcome => {
    context.output.setLive([]);
    const { requests, errors } = last.reading;
    return { state, seconds: Math.round(elapsed()), requests, errors };
  };
  for (;;) {
    try {
      last = await look(running.clients, at, alarms, started);
      // Only those that go on firing are former ones: an alarm that was quiet in between is the release's own.
      const firing = new Set(last.firing.map(({ name }) => name));
      former = new Set([...former].filter((name) => firing.has(name)));
      const why = verdict(last, former, config.shift);
      if (why) return { ...outcome("failed"), why };
      tell(last, elapsed());
    } catch (error) {
      // One look that AWS did not answer proves nothing.
      context.output.warn(`AWS did not answer (${(error as Error).name}), looking again`);
    }
    for (let waited = 0; waited < config.shift.pollSeconds; waited += 0.25) {
      if (context.interrupts.requested) return outcome("stopped");
      if (elapsed() >= bakeSeconds) return outcome("passed");
      await pause(0.25);
    }
  }
}

/** Alarms that fire when the watch begins; none where AWS does not answer, since then nothing excuses one later. */
async function firingNow(
  running: RunningEnvironment,
  at: { listenerArn: string; targetGroupArn: string },
  alarms: readonly string[],
  since: number,
): Promise<Set<string>> {
  const { firing } = await look(running.clients, at, alarms, since).catch(() => ({ firing: [] }));
  return new Set(firing.map(({ name }) => name));
}

function teller(context: Context, bakeSeconds: number): (seen: Look, elapsed: number) => void {
  let toldAt = Number.NEGATIVE_INFINITY;
  return ({ reading }, elapsed) => {
    const line = `bake: ${duration(elapsed)} of ${duration(bakeSeconds)}, ${reading.requests} requests, ${reading.errors} errors`;
    if (context.output.interactive) return context.output.setLive([`  ${context.output.colors.dim(line)}`]);
    if (elapsed - toldAt < TELL_SECONDS) return;
    toldAt = elapsed;
    context.output.line(`${context.output.colors.cyan("│")} ${line}`);
  };
}
