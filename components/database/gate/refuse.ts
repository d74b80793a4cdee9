import { GateError } from "../../web-tier/traffic/gate-error";
import type { Plan, Refusal } from "../migrations";
import { type Barrier, lossOf } from "./ledger";
import { type MaintenanceWindows, sayTime, windowState } from "./windows";

/** One refusal as two lines: where and what, then the change to make. */
export function describeRefusal({ file, line, message, fix }: Refusal, folder: string): string {
  const place = file ? `${folder}/${file}${line ? `:${line}` : ""}: ` : "";
  return `${place}${message}\n  → ${fix}`;
}

/** @throws GateError `database` when the plan is refused. */
export function refuse(plan: Plan, version: string, folder: string): void {
  if (plan.refusals.length === 0) return;
  const lines = plan.refusals.map((refusal) => describeRefusal(refusal, folder));
  throw new GateError("database", `${version} is refused, and nothing was changed:\n${lines.join("\n")}`);
}

/** @throws GateError `database` outside the maintenance windows. */
export function requireWindow(windows: MaintenanceWindows | undefined, version: string, now: Date): void {
  const state = windowState(windows, now);
  if (state.open) return;
  const when = state.next
    ? `The next maintenance window begins ${sayTime(state.next, windows?.timeZone)}: release it then.`
    : "There is no maintenance window to come: name one under `retrofit:maintenance`.";
  throw new GateError(
    "database",
    `${version} says \`database: breaking\`: no release can serve while its migrations run, so they wait for a maintenance window. ${when}`,
  );
}

/** @throws GateError `database`: the release cannot work with what a later one has made of the database. */
export function refuseBarred(barrier: Barrier, version: string): never {
  throw new GateError(
    "database",
    `${version} is barred: ${describeBarrier(barrier)} To let it back all the same: retrofit rollback <environment> --accept-loss "${lossOf(barrier, version)}"`,
  );
}

export function describeBarrier({ release, at, migrations, snapshot }: Barrier): string {
  const back = snapshot
    ? `The way back is to restore snapshot ${snapshot}, which loses everything written since then, or a new release that works with the new schema.`
    : "The way back is a new release that works with the new schema.";
  return `${release} changed the database so that former releases cannot work with it (${at}: ${migrations.join(", ")}). ${back}`;
}
