import {
  announceMove,
  raiseCapacity,
  readFleet,
  readServing,
  waitForHealthy,
  writeWeights,
} from "../../components/web-tier/traffic";
import type { Context } from "../context";
import { type RunningEnvironment, readServingState, type ServingState } from "../environment";
import { turnedAway } from "../errors";

/** How long machines of the standby may take to be as many as the serving ones. */
const HEALTH = { healthyPolls: 1, pollSeconds: 1, healthTimeoutSeconds: 180 };

/** Only the load balancer and the standby's size are touched, so this works while an update holds the stack. */
export async function giveTraffic(context: Context, running: RunningEnvironment, to: string): Promise<void> {
  const { clients, outputs } = running;
  const fleet = outputs.fleets[to];
  if (!fleet) throw turnedAway("health", `${to} has no fleet. The traffic is where it was.`);
  const [state, current] = await Promise.all([
    readServingState(running),
    readFleet(clients, fleet.targetGroupArn),
  ]);
  const needed = servingCapacity(state, to);
  // A fleet without one healthy machine was accepted as it is; waiting for it would keep users where they are.
  const waits = current && (current.healthy.length > 0 || current.inService.length === 0);
  if (current && current.healthy.length < needed) {
    const raised = await raiseCapacity(clients, current, needed);
    const report = (line: string) => context.output.line(`  ${line}`);
    if (waits) {
      await waitForHealthy(clients, fleet.targetGroupArn, async () => raised, HEALTH, report);
    }
  }
  await announce(context, running);
  // Every fleet stays on the listener, so that its health goes on being checked.
  const named = Object.keys((await readServing(clients, outputs.listenerArn)).weights);
  const weights = Object.fromEntries(named.map((arn) => [arn, 0]));
  await writeWeights(clients, outputs.listenerArn, { ...weights, [fleet.targetGroupArn]: 100 });
}

/** An update under way is to see that it is not its turn any more; the rollback does not depend on it. */
async function announce(context: Context, { clients, outputs }: RunningEnvironment): Promise<void> {
  try {
    await announceMove(clients, outputs.listenerArn);
  } catch (error) {
    context.output.warn(
      `The listener could not be tagged (${(error as Error).message}): an update under way may move the traffic again.`,
    );
  }
}

/** Machines that serve now, as many as the standby needs before it takes over. */
export function servingCapacity(state: ServingState, to: string): number {
  const serving = Object.keys(state.weights).filter((version) => (state.weights[version] ?? 0) > 0);
  return Math.max(
    1,
    ...serving.filter((version) => version !== to).map((version) => state.desired[version] ?? 0),
  );
}
