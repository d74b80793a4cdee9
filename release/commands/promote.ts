import { type AfterOptions, afterRelease, sizeStandbyLater } from "../bake/after-release";
import type { Context } from "../context";
import { selectAws } from "../engine/engine";
import { findEnvironment, openEnvironment } from "../environment";
import { CommandError, ExitCode, failed, wrongUse } from "../errors";
import { openProject } from "../project";
import { carry } from "../promotion/carry";
import { fetchArtifact, readEvidence } from "../promotion/evidence";
import { type LiveRelease, readLiveRelease } from "../promotion/live-release";
import { recordSmoke } from "../promotion/record";
import { type Refusal, refuseRelease, refuseWay } from "../promotion/refusals";
import { loadEnvironment } from "../settings";
import { releaseVersion } from "./release";

/**
 * Carries the release that is live in one environment to the next: the same artifact, the same image, and all that it has
 * shown. Exit code 3, with everything that stands against it, where it may not go on.
 */
export async function promote(
  context: Context,
  from: string,
  to: string,
  options: AfterOptions,
): Promise<void> {
  if (from === to)
    throw wrongUse(`${from} is promoted to itself.`, "Name the environment that comes after it.");
  const [source, target] = [from, to].map((name) => loadEnvironment(openProject(context.cwd, name), name));
  const notOnWay = refuseWay(source!, target!);
  if (notOnWay.length > 0) throw refused(from, to, undefined, notOnWay);
  if (source!.application.name !== target!.application.name) {
    throw wrongUse(`${from} runs ${source!.application.name} and ${to} runs ${target!.application.name}.`);
  }
  await selectAws(context);

  const running = await findEnvironment(openProject(context.cwd, from), from);
  const live = running && (await readLiveRelease(running, source!));
  const content = live && (await fetchArtifact(live.s3, live.artifact));
  const shown = live ? await readEvidence(live.s3, live.artifact) : [];
  const refusals = refuseRelease(source!, live, content, shown);
  if (refusals.length > 0) throw refused(from, to, live, refusals);

  const { version, sha256 } = live!.artifact;
  context.output.heading(`Promoting ${version} from ${from} to ${to}`);
  const there = (await openEnvironment(openProject(context.cwd, to), to)).outputs.artifactBucket;
  if (!there) throw failed(`${to} has no artifact bucket yet.`, `Run: retrofit up ${to}`);
  const artifact = await carry(live!, content!, shown, there);
  context.output.done(
    `carried ${sha256.slice(0, 12)}… on image ${live!.image}, and ${shown.length} pieces of evidence`,
  );

  sizeStandbyLater();
  const { image, database } = live!;
  const result = await releaseVersion(context, to, version, { artifact, sha256, image, database });
  const after = await afterRelease(context, to, result, options);
  await recordSmoke(context, to);
  context.output.result({ from, to, sha256, image, ...after });
}

function refused(from: string, to: string, live: LiveRelease | undefined, refusals: Refusal[]): CommandError {
  const what = live ? `${live.artifact.version} does not go` : "Nothing goes";
  return new CommandError(
    ExitCode.turnedAway,
    [`${what} from ${from} to ${to}:`, ...refusals.map(({ message }) => message)].join("\n"),
    refusals.map(({ fix }) => fix).join("\n  "),
    { gate: "promotion", from, to, refusals },
  );
}
