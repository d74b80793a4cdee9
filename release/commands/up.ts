import { Backup } from "../backup";
import { restWarmStandby } from "../bake/after-release";
import { type Context, confirmChange } from "../context";
import { openStack, selectAws } from "../engine/engine";
import { type RunResult, runEngine } from "../engine/run";
import { findEnvironment } from "../environment";
import { duration } from "../output";
import { openProject, type Project } from "../project";
import { settle } from "../recovery/settle";
import { checkCosts, checkMachines, loadEnvironment } from "../settings";
import { showPreview } from "./preview";

export interface UpResult extends RunResult {
  environment: string;
  url: string;
  testUrl?: string;
  live?: string;
}

/** Brings an environment to what its file says. */
export async function up(context: Context, environment: string): Promise<void> {
  const project = openProject(context.cwd, environment);
  const config = loadEnvironment(project, environment);
  await checkMachines(project, config);
  await selectAws(context);
  await checkCosts(context, project, environment, config);
  const result = await bringUp(context, project, environment);
  const running = await findEnvironment(project, environment);
  if (running) await restWarmStandby(context, project, environment, running);
  context.output.line();
  context.output.done(`${environment} is up: ${context.output.colors.bold(result.url)}`);
  context.output.result({
    environment,
    url: result.url,
    ...(result.testUrl ? { testUrl: result.testUrl } : {}),
    ...(result.live ? { live: { version: result.live } } : {}),
    changes: result.counts,
    seconds: Math.round(result.seconds),
  });
}

export async function bringUp(context: Context, project: Project, environment: string): Promise<UpResult> {
  const stack = await openStack(context, project, environment);
  if (context.output.interactive && !context.yes && !context.sandbox) {
    await showPreview(context, stack);
    await confirmChange(context, `Do this in ${environment}?`);
  }
  await settle(context, project, environment, stack);
  context.output.heading(`Bringing ${environment} up`);
  const result = await runEngine(context, stack, "up");
  // Whatever release was interrupted: the environment is now what its file says.
  new Backup(project, environment).drop();
  const running = await findEnvironment(project, environment);
  return {
    ...result,
    environment,
    url: running?.outputs.url ?? "",
    ...(running?.outputs.testUrl ? { testUrl: running.outputs.testUrl } : {}),
    ...(running?.outputs.live ? { live: running.outputs.live } : {}),
  };
}

/** `12 created, 1 deleted in 40 s`, for commands that run an update on the way. */
export function describeRun(result: RunResult): string {
  return `${result.counts.created + result.counts.updated + result.counts.deleted} changes in ${duration(result.seconds)}`;
}
