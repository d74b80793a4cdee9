import {
  listSnapshots,
  NAMES,
  restoreSnapshot,
  setUpStore,
  streamsOf,
  takeSnapshot,
} from "../../components/elk-stack";
import { logContent, snapshotContent } from "../../stacks/logs";
import type { Context } from "../context";
import { CommandError, ExitCode, failed, wrongUse } from "../errors";
import { sendAndFind } from "../logs/check";
import { openLogs } from "../logs/open";
import {
  allStreams,
  ask,
  LEVELS,
  type Level,
  type LogLine,
  type LogQuestion,
  secondsOf,
} from "../logs/query";
import { loadEnvironment } from "../settings";

export interface LogsOptions {
  follow?: boolean;
  release?: string;
  level?: string;
  since: string;
  limit: number;
}

const FOLLOW_MILLISECONDS = 1_000;

/** Shows lines of an environment; with `--follow` also those that come. */
export async function logs(
  context: Context,
  environment: string,
  words: string[],
  options: LogsOptions,
): Promise<void> {
  const sinceSeconds = secondsOf(options.since);
  if (sinceSeconds === undefined) {
    throw wrongUse(
      `--since has to be a number with s, m, h or d, not "${options.since}".`,
      "Such as --since 10m.",
    );
  }
  const level = options.level?.toLowerCase();
  if (level !== undefined && !LEVELS.includes(level as Level)) {
    throw wrongUse(`--level has to be one of ${LEVELS.join(", ")}, not "${options.level}".`);
  }
  const { store } = await openLogs(context, environment);
  const question: LogQuestion = {
    streams: allStreams(environment),
    sinceSeconds,
    limit: options.limit,
    ...(words.length > 0 && { words: words.join(" ") }),
    ...(options.release === undefined ? {} : { release: options.release }),
    ...(level === undefined ? {} : { level: level as Level }),
  };
  const lines = await ask(store, question);
  for (const line of lines) context.output.line(described(context, line));
  if (lines.length === 0 && !options.follow)
    context.output.line(context.output.colors.dim("No line matches."));
  if (options.follow) await follow(context, (since) => ask(store, question, since), lines);
  context.output.result({ environment, lines });
}

/** Until it is interrupted. Lines come a little out of order, so each look goes back a few seconds and leaves out what was shown. */
async function follow(
  context: Context,
  look: (since: string) => Promise<LogLine[]>,
  shown: LogLine[],
): Promise<void> {
  const seen = new Set(shown.map(({ id }) => id));
  while (!context.interrupts.signal.aborted) {
    await new Promise((resolve) => setTimeout(resolve, FOLLOW_MILLISECONDS));
    for (const line of await look("now-15s")) {
      if (seen.has(line.id)) continue;
      seen.add(line.id);
      context.output.line(described(context, line));
    }
  }
}

function described({ output: { colors } }: Context, line: LogLine): string {
  const { time, level, service, release, fleet, machine, message } = line;
  const paint =
    level === "fatal" || level === "error"
      ? colors.red
      : level === "warn"
        ? colors.yellow
        : (text: string) => text;
  const where = colors.dim(`${service} ${release} ${fleet} ${machine}`);
  return `${colors.dim(time.slice(11, 23))} ${paint(level.padEnd(5))} ${where}  ${message.trimEnd().replaceAll("\n", "\n    ")}`;
}

/** Brings the store to what this Retrofit wants of it. */
export async function logsSetup(context: Context, environment: string): Promise<void> {
  const { store, project, output } = await openLogs(context, environment);
  const config = loadEnvironment(project, environment);
  const { snapshots } = output;
  const steps = await setUpStore(store, {
    ...logContent(config),
    ...(snapshots?.roleArn && { snapshots: snapshotContent(config, snapshots.bucket, snapshots.roleArn) }),
  });
  for (const { what, done, why } of steps) {
    const text = `${what}: ${done}${why ? ` (${why})` : ""}`;
    if (done === "skipped") context.output.warn(text);
    else context.output.done(text);
  }
  context.output.result({ environment, steps });
}

/** Proves the way of a line from a machine to the store, and says how long it took. */
export async function logsCheck(context: Context, environment: string): Promise<void> {
  const logs = await openLogs(context, environment);
  const found = await sendAndFind(logs, (text) => context.output.line(context.output.colors.dim(text)));
  const report = { environment, ...found };
  if (found.seconds === undefined) {
    throw new CommandError(
      ExitCode.failed,
      `The line that was written on ${found.machine} is not in the store after ${found.waited} s.`,
      "Look at the forwarder there: journalctl -u syslog-ng, syslog-ng-ctl stats | grep dst.http.",
      report,
    );
  }
  if (found.missing.length > 0) {
    const fields = found.missing.join(", ");
    throw new CommandError(
      ExitCode.failed,
      `The line arrived without ${fields}.`,
      `Run retrofit logs setup ${environment}.`,
      report,
    );
  }
  context.output.done(
    `a line written on ${found.machine} is found after ${found.seconds.toFixed(1)} s, with all fields`,
  );
  context.output.result(report);
}

/** Copies an environment's lines into the bucket of its artifact store, beside what happens each night. */
export async function logsSnapshot(context: Context, environment: string): Promise<void> {
  const { store, project } = await openLogs(context, environment);
  const name = `${environment}-${new Date()
    .toISOString()
    .replace(/[-:]|\..*/g, "")
    .toLowerCase()}`;
  await takeSnapshot(store, name, streamsOf(logContent(loadEnvironment(project, environment))));
  context.output.done(`snapshot ${name}`);
  context.output.result({ environment, snapshot: name });
}

/** Brings lines back. What is in the store stays: a stream that is there has to be deleted first. */
export async function logsRestore(
  context: Context,
  environment: string,
  snapshot: string | undefined,
): Promise<void> {
  const { store, project } = await openLogs(context, environment);
  if (snapshot === undefined) {
    const there = await listSnapshots(store);
    for (const { snapshot, state, start_time } of there)
      context.output.line(`${snapshot}  ${start_time}  ${state}`);
    if (there.length === 0) throw failed(`There is no snapshot in ${NAMES.repository}.`);
    context.output.result({ environment, snapshots: there });
    return;
  }
  await restoreSnapshot(store, snapshot, streamsOf(logContent(loadEnvironment(project, environment))));
  context.output.done(`restored from ${snapshot}`);
  context.output.result({ environment, snapshot });
}
