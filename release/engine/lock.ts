import { existsSync, readdirSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Context } from "../context";
import { type CommandError, failed } from "../errors";
import { type Project, projectFile, projectName } from "../project";
import type { OpenStack } from "./engine";

/** Who holds a stack's lock, as the backend tells. */
export interface LockHolder {
  /** `user@host`. */
  who: string;
  host: string;
  pid: number;
  /** ISO 8601. */
  since: string;
}

/** What has become of a holder: `elsewhere` is another machine's, of which nothing can be known here. */
export type HolderState = "running" | "stopped" | "gone" | "elsewhere";

/** The holder that the engine's refusal names. Pulumi Cloud names none. */
export function holderIn(text: string): LockHolder | undefined {
  const found = /created by (\S+)@(\S+) \(pid (\d+)\) at (\S+)/.exec(text);
  if (!found?.[1] || !found[2] || !found[3] || !found[4]) return undefined;
  return { who: `${found[1]}@${found[2]}`, host: found[2], pid: Number(found[3]), since: found[4] };
}

/**
 * The holder of the lock, looked up without the engine, so that a command can be refused before it touches anything.
 * Only a backend in a folder can be asked; others tell when the engine is started.
 */
export function findHolder(project: Project, environment: string): LockHolder | undefined {
  const folder = backendFolder(project);
  if (!folder) return undefined;
  const locks = join(folder, ".pulumi", "locks", "organization", projectName(project), environment);
  if (!existsSync(locks)) return undefined;
  for (const name of readdirSync(locks)) {
    try {
      const lock = JSON.parse(readFileSync(join(locks, name), "utf8")) as Record<string, unknown>;
      const host = String(lock.hostname);
      return {
        who: `${lock.username}@${host}`,
        host,
        pid: Number(lock.pid),
        since: new Date(String(lock.timestamp)).toISOString(),
      };
    } catch {
      // Written or released at this very moment: the engine will tell.
    }
  }
  return undefined;
}

function backendFolder(project: Project): string | undefined {
  const url = process.env.PULUMI_BACKEND_URL ?? projectFile(project).backend?.url;
  if (!url?.startsWith("file://")) return undefined;
  try {
    return fileURLToPath(url);
  } catch {
    return undefined;
  }
}

/** Whether the holder can still let go of the lock by itself. */
export function stateOf(holder: LockHolder): HolderState {
  if (holder.host !== hostname()) return "elsewhere";
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return "gone";
  }
  const process_ = processOf(holder.pid);
  if (!process_) return "running";
  // The number was given to another process since.
  if (process_.startedAt > Date.parse(holder.since) + 5_000 || process_.state === "Z") return "gone";
  return process_.state === "T" ? "stopped" : "running";
}

/** State letter and start (epoch milliseconds) from /proc; undefined where there is none. */
function processOf(pid: number): { state: string; startedAt: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const boot = Number(/^btime (\d+)/m.exec(readFileSync("/proc/stat", "utf8"))?.[1]);
    // In ticks of a hundredth of a second since boot, on every Linux that Node runs on.
    return { state: fields[0] ?? "", startedAt: (boot + Number(fields[19]) / 100) * 1000 };
  } catch {
    return undefined;
  }
}

export function describeHolder(holder: LockHolder | undefined): string {
  if (!holder) return "someone else";
  const state = stateOf(holder);
  const suffix = state === "stopped" ? ", which is stopped" : "";
  return `${holder.who} (process ${holder.pid}${suffix}) since ${holder.since}`;
}

/** The refusal of a command that finds the stack locked. `json.locked` tells scripts and callers. */
export function lockedError(holder: LockHolder | undefined): CommandError {
  const error = failed(
    `Another update of this environment is under way: the stack is locked by ${describeHolder(holder)}. Nothing was changed.`,
    "Wait for it to end. If it is certain that it will not, add --force-unlock.",
  );
  Object.assign(error.json, { locked: true, ...(holder ? { holder } : {}) });
  return error;
}

/** Refuses a command before it touches anything while another update is under way. A lock that nobody holds is freed. */
export async function refuseWhileLocked(
  context: Context,
  project: Project,
  environment: string,
  open: () => Promise<OpenStack>,
): Promise<void> {
  const holder = findHolder(project, environment);
  if (holder && !(await freeLock(context, await open(), holder))) throw lockedError(holder);
}

/**
 * Frees a lock whose process is gone, or any when the person says so. Another machine's is never judged from here.
 * Returns whether the stack can be tried again.
 */
export async function freeLock(
  context: Context,
  { stack }: OpenStack,
  holder: LockHolder | undefined,
): Promise<boolean> {
  const gone = holder !== undefined && stateOf(holder) === "gone";
  if (!gone && !context.forceUnlock) return false;
  context.output.warn(
    gone
      ? `The stack was locked by ${describeHolder(holder)}; that process is gone, so the lock is released.`
      : `The stack is locked by ${describeHolder(holder)}; the lock is broken as you asked.`,
  );
  await stack.cancel();
  return true;
}
