import type { EngineEvent } from "@pulumi/pulumi/automation";
import type { Context } from "../context";
import { asCommandError, CommandError, ExitCode } from "../errors";
import { duration } from "../output";
import type { OpenStack } from "./engine";
import { explainFailure } from "./failures";
import { freeLock, type LockHolder } from "./lock";
import { type Counts, describeCounts, EngineProgress } from "./progress";

export interface RunResult {
  counts: Counts;
  seconds: number;
}

export interface RunOptions {
  /** Also called for every event, for those who keep a record. */
  onEvent?: (event: EngineEvent) => void;
  /** Finish even when the person asked to stop: for putting back what was begun. */
  uninterruptible?: boolean;
}

/** The engine's operations that change something. */
export type Operation = "up" | "destroy";

/**
 * Runs an operation and shows it. Throws a {@link CommandError}: exit code 3 when a gate turned the update away,
 * 2 for a mistake in the file, else 1.
 */
export async function runEngine(
  context: Context,
  stack: OpenStack,
  operation: Operation,
  options: RunOptions = {},
): Promise<RunResult> {
  try {
    return await runOnce(context, stack, operation, options);
  } catch (error) {
    const { locked, holder } = asCommandError(error).json as { locked?: boolean; holder?: LockHolder };
    if (!locked || !(await freeLock(context, stack, holder))) throw error;
    return await runOnce(context, stack, operation, options);
  }
}

async function runOnce(
  context: Context,
  { stack, guarded }: OpenStack,
  operation: Operation,
  options: RunOptions,
): Promise<RunResult> {
  const started = Date.now();
  const progress = new EngineProgress();
  const stopShowing = show(context, progress);
  const onEvent = (event: EngineEvent) => {
    for (const line of progress.take(event, Date.now() / 1000)) context.output.line(style(context, line));
    options.onEvent?.(event);
  };
  const settings = {
    onEvent,
    color: "never" as const,
    suppressProgress: true,
    ...(options.uninterruptible ? {} : { signal: context.interrupts.signal }),
  };
  try {
    if (operation === "up") await guarded(() => stack.up(settings));
    else await guarded(() => stack.destroy(settings));
  } catch (error) {
    if (context.interrupts.requested && !options.uninterruptible) throw interrupted();
    throw explainFailure(progress.diagnostics, error);
  } finally {
    stopShowing();
  }
  const seconds = (Date.now() - started) / 1000;
  tellSummary(context, progress, seconds);
  return { counts: progress.totals(), seconds };
}

function interrupted(): CommandError {
  return new CommandError(
    ExitCode.failed,
    "Stopped as you asked, before the update was complete.",
    "Run the same command again to complete it.",
    { interrupted: true },
  );
}

/** Keeps the terminal up to date once a second; returns how to stop. */
function show(context: Context, progress: EngineProgress): () => void {
  const draw = () => {
    const now = Date.now() / 1000;
    if (context.output.interactive) {
      context.output.setLive(progress.live(now).map((line) => context.output.colors.dim(line)));
    } else {
      for (const line of progress.tick(now)) context.output.line(`  ${line}`);
    }
  };
  const timer = setInterval(draw, 1000);
  return () => {
    clearInterval(timer);
    context.output.setLive([]);
  };
}

function style(context: Context, line: string): string {
  const { colors } = context.output;
  if (line.startsWith("!")) return colors.yellow(line);
  if (line.startsWith("  ")) return colors.dim(line);
  return `${colors.cyan("│")} ${line}`;
}

function tellSummary(context: Context, progress: EngineProgress, seconds: number): void {
  if (context.output.interactive) for (const line of progress.summary()) context.output.line(`  ${line}`);
  context.output.done(`${describeCounts(progress.totals())} in ${duration(seconds)}`);
}
