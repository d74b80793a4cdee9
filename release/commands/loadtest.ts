import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { type Context, confirmByName } from "../context";
import { selectAws } from "../engine/engine";
import { openEnvironment } from "../environment";
import { failed, turnedAway } from "../errors";
import { describeVerdict } from "../loadtest/bottleneck";
import { compare } from "../loadtest/compare";
import { keepAsEvidence } from "../loadtest/evidence";
import { keepRun, lastRun } from "../loadtest/history";
import { renderLoadtest } from "../loadtest/page";
import { describeStage, loadProfile, secondsOf } from "../loadtest/profile";
import { runLoadtest } from "../loadtest/run";
import { tellResult } from "../loadtest/tell-result";
import { duration } from "../output";
import { openProject } from "../project";
import { readLiveRelease } from "../promotion/live-release";
import { loadEnvironment } from "../settings";

export interface LoadtestOptions {
  profile: string;
  /** Where the page goes. */
  report?: string;
}

/** Puts a load on an environment and names what holds it up. Exit code 3 where a limit of the profile did not hold. */
export async function loadtest(
  context: Context,
  environment: string,
  options: LoadtestOptions,
): Promise<void> {
  const { output, cwd } = context;
  const profile = loadProfile(options.profile);
  const project = openProject(cwd, environment);
  const config = loadEnvironment(project, environment);
  if (config.protected) {
    await confirmByName(
      context,
      environment,
      `This puts the load ${profile.name} on ${environment}, beside its users`,
    );
  }
  await selectAws(context);
  const running = await openEnvironment(project, environment);
  const live = await readLiveRelease(running, config);
  if (live === undefined) {
    throw failed(
      `Nothing is live in ${environment}.`,
      `Release something: retrofit release ${environment} <version>`,
    );
  }
  const { url } = running.outputs;
  output.heading(
    `Load test ${profile.name} of ${environment}, ${duration(secondsOf(profile))}: ${profile.stages.map(describeStage).join(", then ")}`,
  );
  const run = await runLoadtest(context, running, live.artifact.version, config, profile);
  const { result } = run;

  const { bucket } = live.artifact;
  const last = await lastRun(live.s3, bucket, result);
  const compared = last ? compare(last, result) : [];
  await keepRun(live.s3, bucket, result);
  tellResult(output, result, compared);
  const page = resolve(
    project.folder,
    options.report ?? join(".retrofit", "loadtest", `${environment}-${profile.name}.html`),
  );
  mkdirSync(dirname(page), { recursive: true });
  writeFileSync(page, renderLoadtest({ ...run, url, compared }));
  output.done(`The page with the charts: ${relative(process.cwd(), page)}`);

  const after = async () => readLiveRelease(await openEnvironment(project, environment), config);
  const evidence = await keepAsEvidence(context, { config, live, url }, after, result);
  const json = { ...result, compared, evidence, report: page };
  if (!result.passed) {
    const refusal = turnedAway(
      "loadtest",
      `The limits of ${profile.name} did not hold:\n${result.missed.join("\n")}`,
      describeVerdict(result.verdict),
    );
    Object.assign(refusal.json, json);
    throw refusal;
  }
  output.result(json);
}
