import { parentOf } from "./interrupt";

/**
 * The processes that this one was started by, up to npm where npm runs it. A shell between npm and us survives when npm
 * is killed, so looking at our own parent alone would miss that.
 */
export function startersOf(pid: number, environment: NodeJS.ProcessEnv = process.env): number[] {
  const starters = [process.ppid];
  // npm runs a script as: npm → sh → node.
  const shell = environment.npm_lifecycle_event ? parentOf(pid) : undefined;
  const npm = shell === undefined ? undefined : parentOf(shell);
  if (npm !== undefined && npm > 1) starters.push(npm);
  return starters;
}

/** Calls `end` once when one of the starters is gone. Returns how to stop watching. */
export function watchStarters(end: () => void, intervalMilliseconds = 500): () => void {
  const before = startersOf(process.pid).join();
  const timer = setInterval(() => {
    if (startersOf(process.pid).join() === before) return;
    clearInterval(timer);
    end();
  }, intervalMilliseconds);
  timer.unref();
  return () => clearInterval(timer);
}
