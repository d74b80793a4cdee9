import { setTimeout as sleep } from "node:timers/promises";
import type { Context } from "../context";
import type { OpenStack } from "../engine/engine";
import { describeHolder, findHolder, freeLock, type LockHolder, lockedError, stateOf } from "../engine/lock";
import { runEngine } from "../engine/run";
import { asCommandError, CommandError, failed } from "../errors";
import type { Project } from "../project";
import { recover } from "../recovery";

/** Seconds between two looks at a lock that another update holds. */
const LOOK_SECONDS = 2;

/**
 * Brings state and machines to what the file says, once whoever works on the environment has let go of it. An update
 * that the traffic was taken from ends by itself at its next look at the weights.
 */
export async function reconcile(
  context: Context,
  project: Project,
  environment: string,
  stack: OpenStack,
  { waitSeconds }: { waitSeconds: number },
): Promise<void> {
  const until = Date.now() + waitSeconds * 1000;
  await untilFree(context, project, environment, stack, until);
  for (;;) {
    try {
      await recover(context, project, environment, stack);
      await runEngine(context, stack, "up");
      return;
    } catch (error) {
      const { locked, holder } = asCommandError(error).json as { locked?: boolean; holder?: LockHolder };
      if (!locked) throw error;
      if (Date.now() > until) throw stillHeld(holder, environment);
      await sleep(LOOK_SECONDS * 1000);
    }
  }
}

async function untilFree(
  context: Context,
  project: Project,
  environment: string,
  stack: OpenStack,
  until: number,
): Promise<void> {
  let told = "";
  for (;;) {
    const holder = findHolder(project, environment);
    if (!holder || (await freeLock(context, stack, holder))) return;
    const line = `Another update is under way: ${describeHolder(holder)}. Waiting until it ends.`;
    if (line !== told) context.output.line(`  ${line}`);
    told = line;
    // One that is stopped does not end by itself.
    if (stateOf(holder) === "stopped" || Date.now() > until) throw stillHeld(holder, environment);
    if (context.interrupts.requested) throw failed("Stopped as you asked.");
    await sleep(LOOK_SECONDS * 1000);
  }
}

function stillHeld(holder: LockHolder | undefined, environment: string): CommandError {
  return new CommandError(
    1,
    `another update still holds the stack, ${describeHolder(holder)}.`,
    `End that process, then complete the rollback with: retrofit up ${environment}`,
    lockedError(holder).json,
  );
}
