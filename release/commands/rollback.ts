import { raiseCapacity, readFleet, waitForHealthy, writeWeights } from "../../components/web-tier/traffic";
import type { Context } from "../context";
import { openStack, selectAws } from "../engine/engine";
import { runEngine } from "../engine/run";
import {
  openEnvironment,
  type RunningEnvironment,
  readServingState,
  type ServingState,
} from "../environment";
import { setReleases } from "../environment-file";
import { asCommandError, failed, turnedAway } from "../errors";
import { duration } from "../output";
import { openProject, replaceFile } from "../project";
import { fileName, loadEnvironment, readEnvironmentFile } from "../settings";

export interface RollbackResult extends Record<string, unknown> {
  environment: string;
  version: string;
  former: string;
  /** From the command until all new requests went to the standby. */
  trafficSeconds: number;
  seconds: number;
}

/** How long machines of the standby may take to be as many as the serving ones. */
const HEALTH = { healthyPolls: 1, pollSeconds: 1, healthTimeoutSeconds: 180 };

/** Gives the traffic back to the standby, at once; the engine tidies up afterwards. */
export async function rollback(context: Context, environment: string): Promise<void> {
  context.output.result(await rollbackEnvironment(context, environment));
}

export async function rollbackEnvironment(context: Context, environment: string): Promise<RollbackResult> {
  const { output } = context;
  const project = openProject(context.cwd, environment);
  const config = loadEnvironment(project, environment);
  if (!config.live || !config.standby) {
    throw turnedAway(
      "standby",
      `${fileName(project, environment)} names no standby, so there is nothing to go back to.`,
      `Release the version that you want: retrofit release ${environment} <version>`,
    );
  }
  const from = config.live;
  const to = config.standby;
  await selectAws(context);
  const running = await openEnvironment(project, environment);

  output.heading(`Rolling ${environment} back from ${from.version} to ${to.version}`);
  await moveTraffic(context, running, to.version);
  const trafficSeconds = sinceCommand(context);
  output.done(`all traffic is on ${to.version} after ${duration(trafficSeconds)}`);

  replaceFile(
    project.file(environment),
    setReleases(readEnvironmentFile(project, environment).toString("utf8"), { live: to, standby: from }),
  );
  try {
    await runEngine(context, await openStack(context, project, environment), "up");
  } catch (error) {
    const { message, hint } = asCommandError(error);
    throw failed(
      `The traffic is on ${to.version} and ${fileName(project, environment)} says so, but the update that should follow failed: ${message}`,
      hint ?? `Run: retrofit up ${environment}`,
    );
  }
  return {
    environment,
    version: to.version,
    former: from.version,
    trafficSeconds: Math.round(trafficSeconds * 10) / 10,
    seconds: Math.round(sinceCommand(context)),
  };
}

function sinceCommand(context: Context): number {
  return (Date.now() - context.startedAt) / 1000;
}

/** Only the load balancer and the standby's size are touched, so this works while an update holds the stack. */
async function moveTraffic(context: Context, running: RunningEnvironment, to: string): Promise<void> {
  const { clients, outputs } = running;
  const fleet = outputs.fleets[to];
  const state = await readServingState(running);
  if (!fleet || (state.healthy[to] ?? 0) === 0) {
    throw turnedAway(
      "health",
      `The standby ${to} has no healthy machine. The traffic is where it was.`,
      `See: retrofit status ${running.name}`,
    );
  }
  const needed = servingCapacity(state, to);
  const current = await readFleet(clients, fleet.targetGroupArn);
  if (current && current.healthy.length < needed) {
    await raiseCapacity(clients, current, needed);
    const report = (line: string) => context.output.line(`  ${line}`);
    await waitForHealthy(clients, fleet.targetGroupArn, async () => needed, HEALTH, report);
  }
  // Every fleet stays on the listener, so that its health goes on being checked.
  const arns = Object.entries(outputs.fleets).map(([version, { targetGroupArn }]) => ({
    version,
    targetGroupArn,
  }));
  const weights = Object.fromEntries(
    arns.map(({ version, targetGroupArn }) => [targetGroupArn, version === to ? 100 : 0]),
  );
  await writeWeights(clients, outputs.listenerArn, weights);
}

/** Machines that serve now, as many as the standby needs before it takes over. */
export function servingCapacity(state: ServingState, to: string): number {
  const serving = Object.keys(state.weights).filter((version) => (state.weights[version] ?? 0) > 0);
  return Math.max(
    1,
    ...serving.filter((version) => version !== to).map((version) => state.desired[version] ?? 0),
  );
}
