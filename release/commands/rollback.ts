import { Backup } from "../backup";
import type { Context } from "../context";
import { openStack, selectAws } from "../engine/engine";
import { openEnvironment } from "../environment";
import { CommandError, turnedAway } from "../errors";
import { rollbackInPlace } from "../in-place";
import { duration } from "../output";
import { openProject } from "../project";
import { refuseLoss } from "../rollback/barriers";
import { planRollback } from "../rollback/plan";
import { reconcile } from "../rollback/reconcile";
import { giveTraffic } from "../rollback/traffic";
import { fileName, loadEnvironment } from "../settings";

export interface RollbackOptions {
  /** What the person accepts to lose, in the words of the refusal. */
  acceptLoss?: string;
  /** Seconds for which another update is waited for. Default 300. */
  wait?: number;
}

export interface RollbackResult extends Record<string, unknown> {
  environment: string;
  version: string;
  former: string;
  /** From the command until all new requests went to the standby. */
  trafficSeconds: number;
  seconds: number;
}

/** Gives the traffic back to the standby, at once; the engine tidies up afterwards. */
export async function rollback(
  context: Context,
  environment: string,
  options: RollbackOptions = {},
): Promise<void> {
  const inPlace = await rollbackInPlace(context, environment);
  context.output.result(inPlace ?? (await rollbackEnvironment(context, environment, options)));
}

export async function rollbackEnvironment(
  context: Context,
  environment: string,
  options: RollbackOptions = {},
): Promise<RollbackResult> {
  const { output } = context;
  const project = openProject(context.cwd, environment);
  if (!loadEnvironment(project, environment).standby && !new Backup(project, environment).read()) {
    throw turnedAway(
      "standby",
      `${fileName(project, environment)} names no standby, so there is nothing to go back to.`,
      `Release the version that you want: retrofit release ${environment} <version>`,
    );
  }
  await selectAws(context);
  const running = await openEnvironment(project, environment);
  const plan = await planRollback(project, running);

  output.heading(`Rolling ${environment} back from ${plan.from} to ${plan.to}`);
  await refuseLoss(running, plan, options.acceptLoss);
  await giveTraffic(context, running, plan.to);
  const trafficSeconds = sinceCommand(context);
  output.done(`all traffic is on ${plan.to} after ${duration(trafficSeconds)}`);

  plan.writeFile();
  const result = {
    environment,
    version: plan.to,
    former: plan.from,
    trafficSeconds: Math.round(trafficSeconds * 10) / 10,
  };
  try {
    await reconcile(context, project, environment, await openStack(context, project, environment), {
      waitSeconds: options.wait ?? 300,
    });
  } catch (error) {
    const { message, hint, exitCode, json } = error as CommandError;
    if (!(error instanceof CommandError)) throw error;
    throw new CommandError(
      exitCode,
      `The traffic is on ${plan.to} and ${fileName(project, environment)} says so, but the update that should follow did not: ${message}`,
      hint ?? `Complete it with: retrofit up ${environment}`,
      { ...result, ...json, reconciled: false },
    );
  }
  return { ...result, seconds: Math.round(sinceCommand(context)) };
}

function sinceCommand(context: Context): number {
  return (Date.now() - context.startedAt) / 1000;
}
