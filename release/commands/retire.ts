import { readTraffic } from "../../components/web-tier/traffic";
import type { Context } from "../context";
import { openStack, selectAws } from "../engine/engine";
import { runEngine } from "../engine/run";
import { openEnvironment, type RunningEnvironment, readServingState } from "../environment";
import { setReleases } from "../environment-file";
import { turnedAway } from "../errors";
import { openProject, type Project, replaceFile } from "../project";
import { settle } from "../recovery/settle";
import { loadEnvironment, readEnvironmentFile } from "../settings";

/** A standby that answered anything in this time is in use. CloudWatch counts by the minute. */
const QUIET_SECONDS = 120;

/** The words by which somebody accepts what it costs to retire a standby that was in use a moment ago. */
export const RETIRE_WORDS = "there is no way back";

export interface RetireOptions {
  force?: string;
}

/** Drops the standby: its machines are taken away, and there is no way back to it but a release. */
export async function retire(
  context: Context,
  environment: string,
  options: RetireOptions = {},
): Promise<void> {
  const project = openProject(context.cwd, environment);
  const { live, standby } = loadEnvironment(project, environment);
  if (!standby || !live) {
    context.output.done(`${environment} has no standby. Nothing was changed.`);
    context.output.result({ environment, retired: null });
    return;
  }
  await selectAws(context);
  const use = await useOf(await openEnvironment(project, environment), standby.version);
  if (use && options.force !== RETIRE_WORDS) {
    throw turnedAway(
      "traffic",
      `${standby.version} ${use}, so it is not retired.`,
      `Wait until it has been quiet for ${QUIET_SECONDS / 60} minutes, or: retrofit retire ${environment} --force "${RETIRE_WORDS}"`,
    );
  }
  if (use) context.output.warn(`${standby.version} ${use}; it is retired all the same`);
  await dropStandby(context, project, environment);
  context.output.result({ environment, retired: standby.version });
}

/** Writes the file without its standby and runs the update, which takes the machines away. */
export async function dropStandby(context: Context, project: Project, environment: string): Promise<void> {
  const { live, standby } = loadEnvironment(project, environment);
  if (!live || !standby) return;
  context.output.heading(`Retiring ${standby.version} in ${environment}`);
  const file = project.file(environment);
  const stack = await openStack(context, project, environment);
  await settle(context, project, environment, stack);
  const before = readEnvironmentFile(project, environment);
  replaceFile(file, setReleases(before.toString("utf8"), { live, standby: undefined }));
  try {
    await runEngine(context, stack, "up");
  } catch (error) {
    replaceFile(file, before);
    throw error;
  }
  context.output.done(`${standby.version} is retired; ${live.version} serves alone`);
}

/** What a release still does, as it continues a sentence; undefined when nobody asks it any more. */
async function useOf(running: RunningEnvironment, version: string): Promise<string | undefined> {
  const { weights } = await readServingState(running);
  if ((weights[version] ?? 0) > 0) return `still gets ${weights[version]} % of the traffic`;
  const targetGroupArn = running.outputs.fleets[version]?.targetGroupArn;
  if (!targetGroupArn) return undefined;
  const now = Date.now() / 1000;
  const at = { listenerArn: running.outputs.listenerArn, targetGroupArn };
  const { requests } = await readTraffic(running.clients, at, now - QUIET_SECONDS, now);
  if (requests === 0) return undefined;
  return `answered ${requests} ${requests === 1 ? "request" : "requests"} in the last ${QUIET_SECONDS / 60} minutes`;
}
