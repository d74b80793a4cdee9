import { readTraffic } from "../../components/web-tier/traffic";
import type { Context } from "../context";
import { openStack, selectAws } from "../engine/engine";
import { runEngine } from "../engine/run";
import { openEnvironment, type RunningEnvironment, readServingState } from "../environment";
import { setReleases } from "../environment-file";
import { turnedAway } from "../errors";
import { openProject, replaceFile } from "../project";
import { settle } from "../recovery/settle";
import { loadEnvironment, readEnvironmentFile } from "../settings";

/** A standby that answered anything in this time is in use. CloudWatch counts by the minute. */
const QUIET_SECONDS = 120;

/** Drops the standby: its machines are taken away, and there is no way back to it but a release. */
export async function retire(context: Context, environment: string): Promise<void> {
  const project = openProject(context.cwd, environment);
  const { live, standby } = loadEnvironment(project, environment);
  if (!standby || !live) {
    context.output.done(`${environment} has no standby. Nothing was changed.`);
    context.output.result({ environment, retired: null });
    return;
  }
  await selectAws(context);
  await refuseWhenUsed(await openEnvironment(project, environment), standby.version);

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
  context.output.result({ environment, retired: standby.version });
}

async function refuseWhenUsed(running: RunningEnvironment, version: string): Promise<void> {
  const { weights } = await readServingState(running);
  if ((weights[version] ?? 0) > 0) {
    throw turnedAway(
      "traffic",
      `${version} still gets ${weights[version]} % of the traffic, so it is not retired.`,
      `See: retrofit status ${running.name}`,
    );
  }
  const targetGroupArn = running.outputs.fleets[version]?.targetGroupArn;
  if (!targetGroupArn) return;
  const now = Date.now() / 1000;
  const at = { listenerArn: running.outputs.listenerArn, targetGroupArn };
  const { requests } = await readTraffic(running.clients, at, now - QUIET_SECONDS, now);
  if (requests > 0) {
    throw turnedAway(
      "traffic",
      `${version} answered ${requests} requests in the last ${QUIET_SECONDS / 60} minutes, so it is not retired.`,
      "Wait until it has been quiet for that long, then retire it.",
    );
  }
}
