import type { Context } from "../context";
import type { OpenStack } from "../engine/engine";
import { refuseWhileLocked } from "../engine/lock";
import type { Project } from "../project";
import { recover } from "./index";

/**
 * What every command does before it changes anything: it is refused while another update is under way, a lock that
 * nobody holds is released, and what an update that was killed left behind is put in order.
 */
export async function settle(
  context: Context,
  project: Project,
  environment: string,
  stack: OpenStack,
): Promise<void> {
  await refuseWhileLocked(context, project, environment, async () => stack);
  await recover(context, project, environment, stack);
}
