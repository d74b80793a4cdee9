import { Backup } from "../backup";
import type { Context } from "../context";
import { openStack, selectAws } from "../engine/engine";
import { refuseWhileLocked } from "../engine/lock";
import { findEnvironment } from "../environment";
import { findInterrupted } from "../interrupted";
import { openProject } from "../project";
import { recover } from "../recovery";
import { fileName, loadEnvironment } from "../settings";

/** Tidies up after an update that was killed: its lock, and what it made without anybody knowing. */
export async function recoverEnvironment(context: Context, environment: string): Promise<void> {
  const { output } = context;
  const project = openProject(context.cwd, environment);
  loadEnvironment(project, environment);
  await selectAws(context);
  const stack = await openStack(context, project, environment);
  await refuseWhileLocked(context, project, environment, async () => stack);
  const recovered = await recover(context, project, environment, stack);
  const running = await findEnvironment(project, environment);
  const interrupted = running && (await findInterrupted(project, running));
  if (interrupted) {
    const { version, former } = interrupted;
    output.line();
    output.warn(`${fileName(project, environment)} names ${version}, whose release was not completed.`);
    output.line(`  To complete it:  retrofit release ${environment} ${version}`);
    output.line(`  To take it back: retrofit rollback ${environment}   (to ${former})`);
  } else {
    new Backup(project, environment).drop();
    output.done(`${environment} is in order`);
  }
  output.result({
    environment,
    ...recovered,
    interrupted: interrupted ? { version: interrupted.version, former: interrupted.former } : null,
  });
}
