import type { EnvironmentConfig } from "../../stacks/config";
import { type Context, confirmByName } from "../context";
import { openStack, readOutputs, selectAws } from "../engine/engine";
import { runEngine } from "../engine/run";
import { findEnvironment } from "../environment";
import { failed, turnedAway } from "../errors";
import { duration } from "../output";
import { openProject } from "../project";
import { readLiveRelease } from "../promotion/live-release";
import { record, runTests, smoke, subjectOf } from "../promotion/record";
import { bringBack } from "../rebuild/bring-back";
import { keepData, refuseLostKey } from "../rebuild/keep-data";
import { keepReleases, readKept } from "../rebuild/kept";
import { compareShapes, shapeOf } from "../rebuild/shape";
import { settle } from "../recovery/settle";
import { loadEnvironment } from "../settings";

export interface RebuildOptions {
  /** `snapshot`: the database begins from what it holds now. Default: from nothing, or from `database.restoreFrom`. */
  data?: "none" | "snapshot";
  /** Command that fills the new environment; it finds the address in RETROFIT_URL. */
  seed?: string;
}

/** Takes an environment down and makes it anew from nothing, with the release that is live there. */
export async function rebuild(context: Context, environment: string, options: RebuildOptions): Promise<void> {
  const { output } = context;
  const project = openProject(context.cwd, environment);
  const config = loadEnvironment(project, environment);
  refuseProtected(config);
  if (options.data === "snapshot") refuseLostKey(config);
  await confirmByName(context, environment, `This deletes the environment ${environment} and makes it anew`);
  await selectAws(context);
  const before = await readOutputs(project, environment);
  const running = await findEnvironment(project, environment);
  const live = running && (await readLiveRelease(running, config));
  // Something is kept still where an earlier rebuild was killed; then nothing is live yet.
  const earlier = live ? undefined : readKept(project, environment);
  const kept = earlier ?? (await keepReleases(project, config, live, environment));
  // A rebuild that was killed has its snapshot already, and the file names it.
  const snapshot =
    options.data === "snapshot" && !earlier ? await keepData(context, project, config, before) : undefined;

  const started = Date.now();
  const stack = await openStack(context, project, environment);
  await settle(context, project, environment, stack);
  output.heading(`Taking ${environment} down`);
  const down = await runEngine(context, stack, "destroy");
  const up = await bringBack(context, project, environment, kept);
  const subject = live || kept.live ? await subjectOf(context, environment) : undefined;
  const seeded = options.seed && subject ? await runTests(context, subject, options.seed) : undefined;
  if (seeded && !seeded.passed) throw failed(`${environment} is up, and it was not filled: ${seeded.note}`);
  const answered = subject && (await record(subject, "smoke", await smoke(context, subject)));
  const after = (await readOutputs(project, environment)) ?? {};
  const difference = compareShapes(shapeOf(before ?? after), shapeOf(after));
  const report = {
    environment,
    url: up.url,
    live: up.live ?? null,
    smoke: answered?.passed ?? null,
    data: snapshot ?? options.seed ?? "none",
    outputs: difference,
    seconds: { down: Math.round(down.seconds), all: Math.round((Date.now() - started) / 1000) },
  };
  if (answered && !answered.passed) {
    throw turnedAway(
      "smoke",
      `${environment} was made anew, and does not answer as it should: ${answered.note}`,
    );
  }
  if (difference.missing.length + difference.added.length > 0) {
    throw failed(
      `${environment} was made anew, and is not what it was:\n${[...difference.missing.map((line) => `missing: ${line}`), ...difference.added.map((line) => `new: ${line}`)].join("\n")}`,
      "Its file or the program has changed since it was brought up.",
    );
  }
  output.done(
    `${environment} was made anew in ${duration(report.seconds.all)}${up.live ? ` with ${up.live}` : ""}: ${up.url}`,
  );
  output.result(report);
}

function refuseProtected({ environment, protected: isProtected }: EnvironmentConfig): void {
  if (!isProtected) return;
  throw turnedAway(
    "protected",
    `${environment} is protected, so it is not rebuilt: what is in it would be lost.`,
    `Rebuild one that is not, or write retrofit:protected: false into Pulumi.${environment}.yaml and bring it up first.`,
  );
}
