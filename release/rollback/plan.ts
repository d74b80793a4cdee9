import { readFileSync } from "node:fs";
import { Backup } from "../backup";
import type { RunningEnvironment } from "../environment";
import { setReleases } from "../environment-file";
import { turnedAway } from "../errors";
import { findInterrupted } from "../interrupted";
import { type Project, replaceFile } from "../project";
import { fileName, loadEnvironment } from "../settings";

/** Where a rollback goes, and what the environment's file says afterwards. */
export interface RollbackPlan {
  from: string;
  to: string;
  writeFile(): void;
}

/**
 * Back means: to what served before. That is the standby; but where a release never came to its end, killed or under
 * way, it is what was live before it, and the file becomes what it was then.
 */
export async function planRollback(project: Project, running: RunningEnvironment): Promise<RollbackPlan> {
  const file = project.file(running.name);
  const interrupted = await findInterrupted(project, running);
  if (interrupted) {
    const { version, former, content } = interrupted;
    const writeFile = () => {
      replaceFile(file, content);
      new Backup(project, running.name).drop();
    };
    return { from: version, to: former, writeFile };
  }
  const { live, standby } = loadEnvironment(project, running.name);
  if (!live || !standby) {
    throw turnedAway(
      "standby",
      `${fileName(project, running.name)} names no standby, so there is nothing to go back to.`,
      `Release the version that you want: retrofit release ${running.name} <version>`,
    );
  }
  const writeFile = () => {
    replaceFile(file, setReleases(readFileSync(file, "utf8"), { live: standby, standby: live }));
    new Backup(project, running.name).drop();
  };
  return { from: live.version, to: standby.version, writeFile };
}
