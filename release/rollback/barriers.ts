import { readFleet } from "../../components/web-tier/traffic";
import { type RunningEnvironment, readServingState } from "../environment";
import { turnedAway } from "../errors";
import { findDatabaseBarrier } from "./database-barrier";

/** A reason not to go back, and what it would cost to do it all the same. */
export interface Barrier {
  /** Name of the gate in `--json`. */
  gate: "health" | "database";
  /** What stands against it, as a sentence. */
  reason: string;
  /** What going back would lose, as the words that have to be given to `--accept-loss`. */
  loss: string;
  /** What to do instead. */
  hint?: string;
  /** Notes that it was said, for whoever asks next. */
  onAccepted?: () => Promise<void>;
}

/** Looks for a reason not to go back from one version to another; undefined when there is none. */
export type FindBarrier = (
  running: RunningEnvironment,
  rollback: { from: string; to: string },
) => Promise<Barrier | undefined>;

/** Asked in this order. */
const BARRIERS: FindBarrier[] = [findDatabaseBarrier, findUnhealthyStandby];

/** Refuses a rollback that would lose something, unless the person has said in its words that it may be lost. */
export async function refuseLoss(
  running: RunningEnvironment,
  rollback: { from: string; to: string },
  accepted: string | undefined,
  barriers: readonly FindBarrier[] = BARRIERS,
): Promise<void> {
  for (const find of barriers) {
    const barrier = await find(running, rollback);
    if (!barrier) continue;
    if (sameWords(barrier.loss, accepted)) {
      await barrier.onAccepted?.();
      continue;
    }
    throw turnedAway(
      barrier.gate,
      `${barrier.reason} The traffic is where it was.`,
      `${barrier.hint ? `${barrier.hint} ` : ""}To go back all the same: --accept-loss "${barrier.loss}"`,
    );
  }
}

function sameWords(loss: string, accepted: string | undefined): boolean {
  const plain = (text: string) => text.trim().toLowerCase().replace(/\s+/g, " ");
  return accepted !== undefined && plain(accepted) === plain(loss);
}

/** Machines that are there and sick. A standby that is kept small or empty is raised instead. */
export async function findUnhealthyStandby(
  running: RunningEnvironment,
  { to }: { to: string },
): Promise<Barrier | undefined> {
  const targetGroupArn = running.outputs.fleets[to]?.targetGroupArn;
  const barrier = (reason: string): Barrier => ({
    gate: "health",
    reason,
    loss: `requests fail until ${to} is healthy`,
    hint: `See: retrofit status ${running.name}.`,
  });
  const fleet = targetGroupArn && (await readFleet(running.clients, targetGroupArn));
  if (!fleet) return barrier(`The standby ${to} has no fleet.`);
  if (fleet.healthy.length > 0 || fleet.inService.length === 0) return undefined;
  const { healthy, weights } = await readServingState(running);
  const serving = Object.keys(weights).find((version) => (weights[version] ?? 0) > 0);
  const others = serving ? ` ${serving} has ${healthy[serving] ?? 0}.` : "";
  return barrier(`The standby ${to} has no healthy machine.${others}`);
}
