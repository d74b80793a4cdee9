import { parse } from "yaml";
import { Backup } from "./backup";
import type { Context } from "./context";
import { type RunningEnvironment, readServingState, soleServer } from "./environment";
import { type Project, replaceFile } from "./project";
import { fileName, readEnvironmentFile } from "./settings";

/** A release that was begun and has not come to its end: its process was killed, or it is still under way. */
export interface Interrupted {
  /** The version that the file names as live. */
  version: string;
  /** The version that was live before, and the file as it was then. */
  former: string;
  content: Buffer;
}

/** Whether the file names a release that never got all of the traffic. A file that was put back by hand is no such case. */
export async function findInterrupted(
  project: Project,
  running: RunningEnvironment,
): Promise<Interrupted | undefined> {
  const content = new Backup(project, running.name).read();
  if (!content) return undefined;
  const version = liveIn(readEnvironmentFile(project, running.name));
  const former = liveIn(content);
  if (!version || !former || version === former) return undefined;
  if (soleServer(await readServingState(running)) === version) return undefined;
  return { version, former, content };
}

/**
 * Before another release: a release that was killed on its way is no longer wanted, so the file says again what it said
 * before it. Otherwise what never served would become the standby, and what serves would be taken away.
 */
export async function takeBackInterrupted(
  context: Context,
  project: Project,
  running: RunningEnvironment,
): Promise<void> {
  const interrupted = await findInterrupted(project, running);
  if (!interrupted) return;
  replaceFile(project.file(running.name), interrupted.content);
  new Backup(project, running.name).drop();
  context.output.warn(
    `The release of ${interrupted.version} was stopped on its way and is not completed: ${fileName(project, running.name)} says again that ${interrupted.former} is live.`,
  );
}

function liveIn(content: Buffer): string | undefined {
  const config = (parse(content.toString("utf8")) as { config?: Record<string, unknown> } | null)?.config;
  const version = (config?.["retrofit:live"] as { version?: unknown } | undefined)?.version;
  return version === undefined ? undefined : String(version);
}
