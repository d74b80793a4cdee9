import { readdirSync, readFileSync } from "node:fs";

/** Every process of a sandbox carries this variable, and children inherit it. */
export const sandboxMarker = "RETROFIT_SANDBOX_ID";

/** What a leaseholder starts with the environment it was given carries this one too. */
export const leaseMarker = "RETROFIT_SANDBOX_LEASE";

/**
 * The processes that were started with `variable` set to a value that begins with `prefix`, as /proc tells; never this
 * process or one that it descends from.
 */
export function markedProcesses(variable: string, prefix: string): number[] {
  const own = ancestors();
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter(
      (pid) => !own.has(pid) && environment(pid).some((entry) => entry.startsWith(`${variable}=${prefix}`)),
    );
}

/** SIGTERM for all of them, SIGKILL for those that are left after the grace time. Gives how many there were. */
export async function sweep(variable: string, prefix: string, graceMilliseconds = 3_000): Promise<number> {
  const swept = new Set<number>();
  const startedAt = Date.now();
  const asked = new Set<number>();
  // A limit, for the case of a process that cannot be killed (in the kernel, in "D").
  while (Date.now() - startedAt < graceMilliseconds + 5_000) {
    const pids = markedProcesses(variable, prefix);
    if (pids.length === 0) break;
    const late = Date.now() - startedAt > graceMilliseconds;
    for (const pid of pids) {
      swept.add(pid);
      if (late) send(pid, "SIGKILL");
      else if (!asked.has(pid)) send(pid, "SIGTERM");
      asked.add(pid);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return swept.size;
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended in the meantime.
  }
}

function environment(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, "latin1").split("\0");
  } catch {
    return [];
  }
}

function ancestors(): Set<number> {
  const pids = new Set<number>();
  let pid = process.pid;
  while (pid > 1 && !pids.has(pid)) {
    pids.add(pid);
    pid = parent(pid);
  }
  return pids;
}

function parent(pid: number): number {
  try {
    return Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
