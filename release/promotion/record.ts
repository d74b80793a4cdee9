import { spawn } from "node:child_process";
import { runSmokeTest } from "../../components/web-tier/traffic";
import type { EnvironmentConfig, EvidenceKind } from "../../stacks/config";
import type { Context } from "../context";
import { openEnvironment } from "../environment";
import { failed } from "../errors";
import { openProject } from "../project";
import { loadEnvironment } from "../settings";
import { type Evidence, keepEvidence } from "./evidence";
import { type LiveRelease, readLiveRelease } from "./live-release";

/** What was found, and for an approval who says so. */
export type Finding = Pick<Evidence, "passed" | "note" | "by" | "report">;

export interface Subject {
  config: EnvironmentConfig;
  live: LiveRelease;
  url: string;
}

/** The release that evidence is about: the one that is live. */
export async function subjectOf(context: Context, environment: string): Promise<Subject> {
  const project = openProject(context.cwd, environment);
  const config = loadEnvironment(project, environment);
  const running = await openEnvironment(project, environment);
  const live = await readLiveRelease(running, config);
  if (live) return { config, live, url: running.outputs.url };
  throw failed(
    `Nothing is live in ${environment}.`,
    `Release something: retrofit release ${environment} <version>`,
  );
}

/** Keeps what was found with the artifact of the live release. */
export async function record({ live }: Subject, kind: EvidenceKind, finding: Finding): Promise<Evidence> {
  const { artifact, environment, image, s3 } = live;
  const { version, sha256 } = artifact;
  const at = new Date().toISOString();
  const evidence = { environment, kind, version, sha256, image, at, ...finding };
  await keepEvidence(s3, artifact, evidence);
  return evidence;
}

/** Asks the environment what users ask, at their own address. */
export async function smoke({ output }: Context, { config, url }: Subject): Promise<Finding> {
  try {
    await runSmokeTest(url, config.application.smoke, {}, (line) => output.line(`  ${line}`));
    return { passed: true, note: `${config.application.smoke.length} answered as expected` };
  } catch (error) {
    return { passed: false, note: (error as Error).message };
  }
}

/** Runs somebody's tests against the environment; they find its address in `RETROFIT_URL`. */
export async function runTests({ cwd }: Context, { url, live }: Subject, command: string): Promise<Finding> {
  const env = {
    ...process.env,
    RETROFIT_URL: url,
    RETROFIT_ENVIRONMENT: live.environment,
    RETROFIT_VERSION: live.artifact.version,
  };
  // To standard error: with --json the other one is for the result alone.
  const child = spawn(command, { shell: true, cwd, env, stdio: ["ignore", process.stderr, process.stderr] });
  const code = await new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status) => resolve(status ?? 1));
  });
  return { passed: code === 0, note: `\`${command}\` ended with ${code}` };
}

/** What follows a release that is live: it has answered the smoke test at the users' address. A missing note fails nothing. */
export async function recordSmoke(context: Context, environment: string): Promise<void> {
  try {
    const subject = await subjectOf(context, environment);
    const { passed, note } = await record(subject, "smoke", await smoke(context, subject));
    if (!passed) context.output.warn(`The smoke test at ${subject.url} failed: ${note}`);
  } catch (error) {
    context.output.warn(`That the release answers was not noted: ${(error as Error).message}`);
  }
}
