import type { EnvironmentConfig } from "../../stacks/config";
import { Backup } from "../backup";
import { type AfterOptions, afterRelease, sizeStandbyLater } from "../bake/after-release";
import type { Context } from "../context";
import { openStack, selectAws } from "../engine/engine";
import { refuseWhileLocked } from "../engine/lock";
import { openEnvironment, readServingState, soleServer } from "../environment";
import { failed, turnedAway, wrongUse } from "../errors";
import { takeBackInterrupted } from "../interrupted";
import { openProject } from "../project";
import { recordSmoke } from "../promotion/record";
import { recover } from "../recovery";
import { type ArtifactOptions, resolveRelease } from "../release-entry";
import { checkCosts, checkMachines, loadEnvironment } from "../settings";
import { changeReleases } from "../transaction";

export interface ReleaseOptions extends ArtifactOptions, AfterOptions {
  /** Words by which a person accepts what the release costs. */
  force?: string;
}

export interface ReleaseResult extends Record<string, unknown> {
  environment: string;
  version: string;
  /** What was live before; the standby from now on. */
  former: string | null;
  alreadyLive: boolean;
  seconds: number;
}

const SEMANTIC_VERSION = /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/;

/** Makes a version live: builds its machines beside the serving ones and moves the traffic while the gates hold. */
export async function release(
  context: Context,
  environment: string,
  version: string,
  options: ReleaseOptions,
): Promise<void> {
  if (!SEMANTIC_VERSION.test(version)) {
    throw wrongUse(`"${version}" is not a version.`, "Use three numbers, such as 1.4.0 or 2.0.0-rc.1.");
  }
  refuseShortcut(loadEnvironment(openProject(context.cwd, environment), environment), options.force);
  // Read by the gates, which run in the program.
  if (options.force !== undefined) process.env.RETROFIT_FORCE = options.force;
  sizeStandbyLater();
  const result = await releaseVersion(context, environment, version, options);
  const after = await afterRelease(context, environment, result, options);
  await recordSmoke(context, environment);
  context.output.result(after);
}

/** The words by which somebody accepts that a release has not been in the environments before. */
export const SHORTCUT_WORDS = "not promoted";

/** Where releases come from another environment, one from somewhere else has shown nothing yet. */
function refuseShortcut({ environment, promotion }: EnvironmentConfig, force: string | undefined): void {
  const from = promotion?.from;
  if (from === undefined || force === SHORTCUT_WORDS) return;
  throw turnedAway(
    "promotion",
    `Releases come to ${environment} from ${from}, where they have shown what they can.`,
    `retrofit promote ${from} ${environment}; in an emergency: --force "${SHORTCUT_WORDS}"`,
  );
}

export async function releaseVersion(
  context: Context,
  environment: string,
  version: string,
  options: ReleaseOptions,
): Promise<ReleaseResult> {
  const { output } = context;
  const project = openProject(context.cwd, environment);
  const wanted = loadEnvironment(project, environment);
  await checkMachines(project, wanted);
  await selectAws(context);
  await checkCosts(context, project, environment, wanted);
  const stack = lazily(() => openStack(context, project, environment));
  await refuseWhileLocked(context, project, environment, stack);
  const running = await openEnvironment(project, environment);
  // A release before may have been killed. What it left is put in order; what it wanted goes on if it is wanted still.
  await recover(context, project, environment, await stack());
  if (loadEnvironment(project, environment).live?.version !== version) {
    await takeBackInterrupted(context, project, running);
  }
  const config = loadEnvironment(project, environment);
  const former = config.live?.version ?? null;
  const report = (alreadyLive: boolean): ReleaseResult => ({
    environment,
    version,
    former: alreadyLive ? (config.standby?.version ?? null) : former,
    alreadyLive,
    seconds: Math.round((Date.now() - context.startedAt) / 1000),
  });

  if (former === version) {
    // The file may say so while the traffic is elsewhere, or what comes after the traffic was not done: the process that
    // released it was killed on the way.
    const killed = new Backup(project, environment).read() !== undefined;
    if (!killed && soleServer(await readServingState(running)) === version) {
      output.done(`${version} is live in ${environment} already. Nothing was changed.`);
      return report(true);
    }
    output.warn(
      `${environment} says that ${version} is live, but its release was not completed: completing it.`,
    );
  }

  const bucket = running.outputs.artifactBucket;
  if (!bucket) throw failed(`${environment} has no artifact bucket yet.`, `Run: retrofit up ${environment}`);
  const entry =
    former === version && config.live
      ? config.live
      : await resolveRelease(context, project, config, bucket, version, options);

  output.heading(`Releasing ${version} to ${environment}${former ? ` beside ${former}` : ""}`);
  await changeReleases(context, project, running, {
    what: `The release of ${version}`,
    live: entry,
    standby: former === version ? config.standby : config.live,
    resume: former === version,
  });
  output.done(
    `${version} is live in ${environment}${former && former !== version ? `; ${former} stands by` : ""}`,
  );
  return report(false);
}

function lazily<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
