import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Context } from "../context";
import { draw } from "../diagram/draw";
import { pictureOf } from "../diagram/model";
import { openStack, selectAws } from "../engine/engine";
import { openEnvironment } from "../environment";
import { openProject } from "../project";
import { resourcesIn } from "../recovery/state";

/** Draws an environment as it is: from the state that the engine keeps of it. */
export async function diagram(
  context: Context,
  environment: string,
  { out }: { out?: string },
): Promise<void> {
  const project = openProject(context.cwd, environment);
  await selectAws(context);
  // Says so where it is not up; a stack that never was is not made for a picture.
  await openEnvironment(project, environment);
  const { stack } = await openStack(context, project, environment);
  const picture = pictureOf(environment, resourcesIn(await stack.exportStack()));
  const file = resolve(context.cwd, out ?? `.retrofit/${environment}.svg`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, draw(picture));
  context.output.done(`${environment} is drawn: ${file}`);
  context.output.result({
    environment,
    file,
    zones: picture.zones,
    fleets: picture.fleets.map(({ title, share }) => ({ fleet: title, share })),
  });
}
