import type { RollbackResult } from "./commands/rollback";
import type { Context } from "./context";
import { selectAws } from "./engine/engine";
import { openEnvironment } from "./environment";
import { openProject } from "./project";
import { loadEnvironment } from "./settings";
import { changeReleases } from "./transaction";

/**
 * Goes back to the former release where one fleet serves for all: its machines get it again one at a time, by the update.
 * Undefined in an environment that keeps a standby fleet, or has nothing to go back to.
 */
export async function rollbackInPlace(
  context: Context,
  environment: string,
): Promise<RollbackResult | undefined> {
  const project = openProject(context.cwd, environment);
  const { deployment, live, standby } = loadEnvironment(project, environment);
  if (deployment !== "inPlace" || !live || !standby) return undefined;
  await selectAws(context);
  const running = await openEnvironment(project, environment);
  context.output.heading(
    `Rolling ${environment} back in place from ${live.version} to ${standby.version}, one machine at a time`,
  );
  await changeReleases(context, project, running, {
    what: `The rollback to ${standby.version}`,
    live: standby,
    standby: live,
  });
  const seconds = (Date.now() - context.startedAt) / 1000;
  context.output.done(`all machines run ${standby.version}`);
  return {
    environment,
    version: standby.version,
    former: live.version,
    trafficSeconds: Math.round(seconds * 10) / 10,
    seconds: Math.round(seconds),
  };
}
