import type { Context } from "../context";
import { openEnvironment } from "../environment";
import { ExitCode, failed } from "../errors";
import { duration } from "../output";
import { openProject } from "../project";
import { loadEnvironment } from "../settings";
import { runCommand } from "./child-command";
import { Load } from "./load";
import type { DemoRecorder } from "./recorder";
import {
  countVersions,
  type DemoReport,
  isFailure,
  rollbackSeconds,
  rounded,
  switchSeconds,
  type Trace,
} from "./trace";
import { type DemoWorkspace, ENVIRONMENT } from "./workspace";

export const VERSIONS = { first: "1.0.0", next: "1.1.0", broken: "1.2.0" } as const;

/** Seconds of load before the first release and after the rollback: what normal looks like. */
const QUIET_SECONDS = 4;

export interface StoryOptions {
  rate: number;
  keep?: boolean;
  withLogs?: boolean;
  workspace: DemoWorkspace;
  recorder: DemoRecorder;
}

/** What happened, for the reports. */
export interface Story {
  report: DemoReport;
  trace: Trace;
  url: string;
  rate: number;
  /** The release that had to be turned away: by which gate, and in whose words. */
  refused: { version: string; gate?: string; message: string };
}

/** The whole demo once the sandbox runs. */
export async function tellStory(context: Context, options: StoryOptions): Promise<Story> {
  const { output } = context;
  const { recorder, workspace } = options;
  const project = openProject(workspace.project, ENVIRONMENT);
  const here = ["--cwd", workspace.project, "--yes"];
  const title = (text: string) => {
    output.line();
    output.heading(text);
  };

  title(`Environment ${ENVIRONMENT} with release ${VERSIONS.first}: network, load balancer, machines`);
  output.line(
    output.colors.dim("  The AWS provider itself waits about a minute until a load balancer counts as made."),
  );
  const up = await recorder.phase("environment up", () => runCommand(context, ["up", ENVIRONMENT, ...here]));
  const learn = async () => recorder.learn((await openEnvironment(project, ENVIRONMENT)).outputs);
  await learn();
  const url = String(up.json.url ?? "");
  await untilAnswering(url);
  if (options.withLogs) await runCommand(context, ["logs", "setup", ENVIRONMENT, ...here]);

  title(`Load: ${options.rate} requests per second on ${url}`);
  const load = Load.start(url, options.rate);
  try {
    await quiet(output, load);
    title(`Release ${VERSIONS.next}, which is good`);
    await recorder.phase(`release ${VERSIONS.next}`, () =>
      runCommand(context, ["release", ENVIRONMENT, VERSIONS.next, ...here]),
    );
    await learn();
    tellLoad(context, load);

    title(`Release ${VERSIONS.broken}, which is broken on purpose`);
    const broken = await recorder.phase(`refused release ${VERSIONS.broken}`, () =>
      runCommand(
        context,
        ["release", ENVIRONMENT, VERSIONS.broken, ...here],
        [ExitCode.done, ExitCode.turnedAway],
      ),
    );
    tellLoad(context, load);

    title(`Roll back to ${VERSIONS.first}`);
    await recorder.phase("rollback", () => runCommand(context, ["rollback", ENVIRONMENT, ...here]));
    await quiet(output, load);
    await load.stop();
    tellLoad(context, load);

    if (options.withLogs) {
      title("Log lines of both fleets");
      await runCommand(context, ["logs", ENVIRONMENT, "listens", ...here]);
      title(`What release ${VERSIONS.next} and its machines wrote`);
      await runCommand(context, ["logs", ENVIRONMENT, "--release", VERSIONS.next, "--limit", "20", ...here]);
    }

    if (!options.keep) {
      title("Taking everything down");
      await recorder.phase("destroy", () => runCommand(context, ["destroy", ENVIRONMENT, ...here]));
    }
    const { shift } = loadEnvironment(project, ENVIRONMENT);
    const trace: Trace = { samples: load.samples, weights: recorder.weights, phases: recorder.phases };
    return {
      report: makeReport(trace, recorder, shift.waitSeconds),
      trace,
      url,
      rate: options.rate,
      refused: {
        version: VERSIONS.broken,
        message: String(broken.json.error ?? ""),
        ...(broken.exitCode === ExitCode.turnedAway ? { gate: String(broken.json.gate ?? "unknown") } : {}),
      },
    };
  } finally {
    load.kill();
  }
}

export function makeReport(
  trace: Trace,
  recorder: Pick<DemoRecorder, "get">,
  waitSeconds: number,
): DemoReport {
  const { first, next } = VERSIONS;
  const release = recorder.get(`release ${next}`);
  const back = recorder.get("rollback");
  return {
    requests: trace.samples.length,
    failed: trace.samples.filter(isFailure).length,
    versions: countVersions(trace.samples),
    switchSeconds: rounded(switchSeconds(trace, { from: first, to: next, ...release }, waitSeconds)),
    rollbackSeconds: rounded(rollbackSeconds(trace, { from: next, to: first, ...back })),
    phases: trace.phases.map(({ name, startedAt, endedAt }) => ({
      name,
      seconds: rounded((endedAt - startedAt) / 1000),
    })),
  };
}

function tellLoad({ output }: Context, load: Load): void {
  const versions = Object.entries(countVersions(load.samples)).map(([version, n]) => `${version}: ${n}`);
  const text = `load so far: ${load.samples.length} requests (${versions.join(", ")}), ${load.failures} failed`;
  if (load.failures > 0) output.fail(text);
  else output.done(text);
}

/** A while of load with nothing else going on. */
async function quiet(output: Context["output"], load: Load): Promise<void> {
  const until = Date.now() + QUIET_SECONDS * 1000;
  while (Date.now() < until) {
    output.setLive([
      output.colors.dim(
        `  watching for ${duration((until - Date.now()) / 1000)}, ${load.samples.length} requests`,
      ),
    ]);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  output.setLive([]);
}

/** The update ends when the listener is made; the load must not begin before a machine answers through it. */
async function untilAnswering(url: string): Promise<void> {
  const deadline = Date.now() + 60_000;
  let last = "";
  while (Date.now() < deadline) {
    try {
      const answer = await fetch(url, { signal: AbortSignal.timeout(2000) });
      if (answer.ok) return;
      last = `HTTP ${answer.status}`;
    } catch (error) {
      last = (error as Error).message;
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  throw failed(`The environment is up, but ${url} does not answer (${last}).`);
}
