import { REST_LATER } from "../../components/web-tier/rest-hook";
import { restStandby } from "../../components/web-tier/traffic";
import type { ReleaseResult } from "../commands/release";
import { dropStandby } from "../commands/retire";
import { rollbackEnvironment } from "../commands/rollback";
import type { Context } from "../context";
import { openEnvironment, type RunningEnvironment } from "../environment";
import { asCommandError, CommandError, turnedAway } from "../errors";
import { rollbackInPlace } from "../in-place";
import { duration } from "../output";
import { openProject, type Project } from "../project";
import { loadEnvironment } from "../settings";
import { type BakeOutcome, bake } from "./bake";

export interface AfterOptions {
  /** Commander's name for `--no-bake`. */
  bake?: boolean;
}

/** While this command watches a release, its standby stays as large as it was: it may have to take over at once. */
export function sizeStandbyLater(): void {
  process.env[REST_LATER] = "later";
}

/** What follows a release that is live: the watch, then the size of its standby. */
export async function afterRelease(
  context: Context,
  environment: string,
  result: ReleaseResult,
  options: AfterOptions,
): Promise<Record<string, unknown>> {
  if (result.alreadyLive) return result;
  const project = openProject(context.cwd, environment);
  const config = loadEnvironment(project, environment);
  const running = await openEnvironment(project, environment);
  const watched = options.bake !== false && config.keep.bakeSeconds > 0 && result.former !== null;
  const outcome = watched ? await bake(context, running, config, result.version) : undefined;
  if (outcome?.state === "failed") throw await takeBack(context, environment, result, outcome);
  if (outcome) tellOutcome(context, environment, result, outcome);
  // Who ends the watch wants to decide about the standby himself.
  if (outcome?.state !== "stopped") await settleStandby(context, project, environment, running);
  return outcome ? { ...result, bake: outcome } : { ...result };
}

function tellOutcome(
  { output }: Context,
  environment: string,
  { version, former }: ReleaseResult,
  { state, seconds, requests, errors }: BakeOutcome,
): void {
  const seen = `${requests} requests, ${errors} errors in ${duration(seconds)}`;
  if (state === "passed") {
    output.done(`${version} did well: ${seen}`);
    return;
  }
  output.warn(
    `The watch was ended (${seen}). ${version} stays live, and no alarm puts the traffic back any more; ` +
      `${former} stands by at its full size: retrofit rollback ${environment} goes back to it.`,
  );
}

async function takeBack(
  context: Context,
  environment: string,
  { version, former }: ReleaseResult,
  outcome: BakeOutcome,
): Promise<CommandError> {
  const why = `${version} was live for ${duration(outcome.seconds)} when ${outcome.why}.`;
  context.output.fail(why);
  try {
    if (!(await rollbackInPlace(context, environment))) await rollbackEnvironment(context, environment);
    const project = openProject(context.cwd, environment);
    await restWarmStandby(context, project, environment, await openEnvironment(project, environment));
  } catch (error) {
    const { message, hint, exitCode, json } = asCommandError(error);
    return new CommandError(
      exitCode,
      `${why}\nGoing back to ${former} by itself did not end well: ${message}`,
      hint ?? `See: retrofit status ${environment}`,
      { ...json, bake: outcome },
    );
  }
  const refusal = turnedAway("bake", `${why}\nThe traffic is on ${former} again.`);
  return new CommandError(refusal.exitCode, refusal.message, refusal.hint, {
    ...refusal.json,
    bake: outcome,
  });
}

/** Gives the standby of a release that has been watched the size that the file says. */
async function settleStandby(
  context: Context,
  project: Project,
  environment: string,
  running: RunningEnvironment,
): Promise<void> {
  const { keep, standby, deployment } = loadEnvironment(project, environment);
  if (standby && deployment !== "inPlace" && keep.standby === "none") {
    await dropStandby(context, project, environment);
  } else {
    await restWarmStandby(context, project, environment, running);
  }
}

/** Lets a warm standby that is larger than the file says go down to it. */
export async function restWarmStandby(
  context: Context,
  project: Project,
  environment: string,
  running: RunningEnvironment,
): Promise<void> {
  const { keep, standby } = loadEnvironment(project, environment);
  if (!standby || keep.standby !== "warm") return;
  const targetGroupArn = running.outputs.fleets[standby.version]?.targetGroupArn;
  if (!targetGroupArn) return;
  const at = { listenerArn: running.outputs.listenerArn, targetGroupArn };
  const rested = await restStandby(running.clients, at, keep.machines, () => {});
  if (rested) {
    context.output.done(
      `${standby.version} stands by with ${rested.now} of ${rested.before} machines; a rollback starts the others first`,
    );
  }
}
