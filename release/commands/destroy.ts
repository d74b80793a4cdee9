import { type Context, confirmByName } from "../context";
import { openStack, readOutputs, selectAws } from "../engine/engine";
import { runEngine } from "../engine/run";
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
  if ((await readOutputs(project, environment)) === undefined) {
    context.output.done(`${environment} is not up; there is nothing to take down.`);
    context.output.result({ environment, changes: { created: 0, updated: 0, deleted: 0 }, seconds: 0 });
    return;
  }
  context.output.heading(`Taking ${environment} down`);
  const stack = await openStack(context, project, environment);
  await settle(context, project, environment, stack);
  const result = await runEngine(context, stack, "destroy");
  context.output.result({ environment, changes: result.counts, seconds: Math.round(result.seconds) });
}
