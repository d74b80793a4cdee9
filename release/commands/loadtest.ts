import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { type Context, confirmByName } from "../context";
import { selectAws } from "../engine/engine";
import { openEnvironment } from "../environment";
import { failed, turnedAway } from "../errors";
import { describeVerdict } from "../loadtest/bottleneck";
import { type Compared, compare, describeRatio } from "../loadtest/compare";
import { keepAsEvidence } from "../loadtest/evidence";
import { keepRun, lastRun } from "../loadtest/history";
import { LAYER_TITLES, LAYERS, measuresOf, showValue } from "../loadtest/measures";
import { renderLoadtest } from "../loadtest/page";
import { describeStage, loadProfile, secondsOf } from "../loadtest/profile";
import type { LoadtestResult } from "../loadtest/result";
import { runLoadtest } from "../loadtest/run";
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
  const page = resolve(
    project.folder,
    options.report ?? join(".retrofit", "loadtest", `${environment}-${profile.name}.html`),
  );
  mkdirSync(dirname(page), { recursive: true });
  writeFileSync(page, renderLoadtest({ ...run, url, compared }));

  show(context, result, compared);
  const after = async () => readLiveRelease(await openEnvironment(project, environment), config);
  const evidence = await keepAsEvidence(context, { config, live, url }, after, result);
  const json = { ...result, compared, evidence, report: page };
  output.done(`The page with the charts: ${relative(process.cwd(), page)}`);
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

function show(
  { output }: Context,
  { answers, figures, verdict }: LoadtestResult,
  compared: Compared[],
): void {
  const { colors } = output;
  const times = (["p50", "p95", "p99"] as const)
    .filter((name) => answers[name] !== undefined)
    .map((name) => `${name} ${answers[name]} ms`);
  output.line(
    `  ${"users".padEnd(14)} ${[`${answers.answersPerSecond.toFixed(1)} answers per second`, `${answers.failed} of ${answers.requests} failed`, ...times].join(", ")}`,
  );
  for (const layer of LAYERS) {
    const values = figures[layer] as Record<string, number> | undefined;
    if (values === undefined) continue;
    const texts = measuresOf(layer).flatMap(([key, { title, unit }]) => {
      const value = values[key];
      return value === undefined ? [] : [`${title} ${showValue(value, unit)}`];
    });
    if (layer === "machines" && figures.fleet)
      texts.push(`${figures.fleet.count} of at most ${figures.fleet.limit}`);
    output.line(`  ${LAYER_TITLES[layer].padEnd(14)} ${texts.join(", ") || colors.yellow("no figures")}`);
  }
  for (const each of compared.filter(({ ratio = 1 }) => ratio >= 1.2 || ratio <= 0.8)) {
    output.line(colors.dim(`  ${each.figure}: ${each.last} → ${each.now}, ${describeRatio(each)}`));
  }
  output.line();
  const { bottleneck, also, missing } = verdict;
  output.heading(describeVerdict(verdict));
  if (bottleneck) output.line(`  First: ${bottleneck.change}. ${bottleneck.advice}`);
  for (const { layer, figures } of also) {
    output.line(`  Also at its limit: ${LAYER_TITLES[layer]} (${figures.join(", ")})`);
  }
  if (bottleneck && missing.length > 0) output.warn(`Not there to read: ${missing.join(", ")}`);
}
