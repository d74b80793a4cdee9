import { type Context, confirmByName } from "../context";
import { openStack, readOutputs, selectAws } from "../engine/engine";
import { runEngine } from "../engine/run";
import { CommandError, ExitCode } from "../errors";
import { openProject } from "../project";
import { settle } from "../recovery/settle";

/** Takes an environment down, data included. The file stays, so that it can be brought up again. */
export async function destroy(context: Context, environment: string): Promise<void> {
  const project = openProject(context.cwd, environment);
  await confirmByName(
    context,
    environment,
    `This deletes the environment ${environment} and everything in it`,
  );
  await selectAws(context);
  const outputs = await readOutputs(project, environment);
  if (outputs === undefined) {
    context.output.done(`${environment} is not up; there is nothing to take down.`);
    context.output.result({ environment, changes: { created: 0, updated: 0, deleted: 0 }, seconds: 0 });
    return;
  }
  refuseKept(environment, outputs);
  context.output.heading(`Taking ${environment} down`);
  const stack = await openStack(context, project, environment);
  await settle(context, project, environment, stack);
  const result = await runEngine(context, stack, "destroy");
  context.output.result({ environment, changes: result.counts, seconds: Math.round(result.seconds) });
}

/** Before anything else goes: what holds data stays until somebody has said twice that it may go. */
export function refuseKept(environment: string, outputs: Record<string, unknown>): void {
  const files = (outputs.files ?? {}) as Record<string, { deletable?: boolean }>;
  const stores = Object.keys(files).filter((name) => files[name]!.deletable === false);
  const kept = [...(outputs.protected === true ? ["its release artifacts"] : []), ...stores];
  if (kept.length === 0) return;
  const changes = [
    ...(outputs.protected === true ? ["retrofit:protected: false"] : []),
    ...(stores.length > 0 ? [`deletable: true at ${stores.join(", ")} in retrofit:files`] : []),
  ];
  throw new CommandError(
    ExitCode.turnedAway,
    `${environment} keeps ${kept.join(", ")}; nothing was deleted.`,
    `To delete them with it: write ${changes.join(" and ")}, run: retrofit up ${environment}, then destroy it.`,
    { environment, kept },
  );
}
