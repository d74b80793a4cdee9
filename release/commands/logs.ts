import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import {
  listSnapshots,
  NAMES,
  restoreSnapshot,
  savedObjectsFile,
  streamsOf,
  takeSnapshot,
} from "../../components/elk-stack";
import { logContent } from "../../stacks/logs";
import type { Context } from "../context";
import { CommandError, ExitCode, failed, wrongUse } from "../errors";
import { sendAndFind } from "../logs/check";
import { openLogs } from "../logs/open";
import { LEVELS, type Level, type LogQuestion, secondsOf } from "../logs/query";
import { setUpLogs } from "../logs/setup";
import { showLines } from "../logs/show";
import { openProject } from "../project";
import { loadEnvironment } from "../settings";

export interface LogsOptions {
  follow?: boolean;
  release?: string;
  level?: string;
  since: string;
  limit: number;
}

/** Shows lines of an environment; with `--follow` also those that come. */
export async function logs(
  context: Context,
  environment: string,
  words: string[],
  options: LogsOptions,
): Promise<void> {
  const question = questionOf(environment, words, options);
  const { store } = await openLogs(context, environment);
  const lines = await showLines(context, store, question, { follow: options.follow === true });
  context.output.result({ environment, lines });
}

/** What the options ask for. */
export function questionOf(
  environment: string,
  words: readonly string[],
  { since, level: wanted, release, limit }: LogsOptions,
): LogQuestion {
  const sinceSeconds = secondsOf(since);
  if (sinceSeconds === undefined)
    throw wrongUse(`--since has to be a number with s, m, h or d, not "${since}".`, "Such as --since 10m.");
  const level = wanted?.toLowerCase();
  if (level !== undefined && !LEVELS.includes(level as Level))
    throw wrongUse(`--level has to be one of ${LEVELS.join(", ")}, not "${wanted}".`);
  return {
    environment,
    sinceSeconds,
    limit,
    ...(words.length > 0 && { words: words.join(" ") }),
    ...(release === undefined ? {} : { release }),
    ...(level === undefined ? {} : { level: level as Level }),
  };
}

/** Brings the store to what this Retrofit wants of it; or only writes what Dashboards import into a file. */
export async function logsSetup(
  context: Context,
  environment: string,
  { savedObjects }: { savedObjects?: string },
): Promise<void> {
  if (savedObjects !== undefined) {
    openProject(context.cwd, environment);
    const file = resolve(savedObjects);
    writeFileSync(file, savedObjectsFile());
    context.output.done(
      `${file}: import it in Dashboards under Management, Saved objects. Nothing else was set up.`,
    );
    context.output.result({ environment, savedObjects: file });
    return;
  }
  const { store, project, output } = await openLogs(context, environment);
  const steps = await setUpLogs(context, store, loadEnvironment(project, environment), output);
  context.output.result({ environment, steps });
}

/** Proves the way of a line from a machine to the store, and says how long it took. */
export async function logsCheck(context: Context, environment: string): Promise<void> {
  const logs = await openLogs(context, environment);
  const found = await sendAndFind(logs, (text) => context.output.line(context.output.colors.dim(text)));
  const report = { environment, ...found };
  if (!found.found) {
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
  const seconds = found.seconds ?? 0;
  context.output.done(
    `a line written on ${found.machine} was in the store after ${seconds.toFixed(1)} s, with all fields, and is found`,
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
