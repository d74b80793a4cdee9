import { readdirSync, readFileSync } from "node:fs";

/** The kernel's clock ticks per second, which is 100 on every Linux that Node runs on. */
const ticksPerSecond = 100;

/** Reads from /proc how much processor time each machine's processes took since the reading before. */
export class CpuMeter {
  private before = new Map<number, number>();
  private readAt = 0;

  /** Machine id → percent of one core; a machine that is read for the first time has none yet. */
  read(machines: { id: string; session: number }[]): Map<string, number> {
    const now = performance.now();
    const seconds = (now - this.readAt) / 1000;
    const ticks = ticksBySession();
    const usage = new Map<string, number>();
    for (const { id, session } of machines) {
      const before = this.before.get(session);
      const after = ticks.get(session);
      if (before === undefined || after === undefined) continue;
      const percent = ((after - before) / ticksPerSecond / seconds) * 100;
      usage.set(id, Math.round(Math.min(100, Math.max(0, percent)) * 10) / 10);
    }
    this.before = ticks;
    this.readAt = now;
    return usage;
  }
}

/** Session id → user and system ticks of its processes and of those of theirs that have ended. */
function ticksBySession(): Map<number, number> {
  const sums = new Map<number, number>();
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const stat = statOf(entry);
    if (stat !== undefined) sums.set(stat.session, (sums.get(stat.session) ?? 0) + stat.ticks);
  }
  return sums;
}

function statOf(pid: string): { session: number; ticks: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The command's name, in parentheses, may itself have spaces and parentheses.
    const fields = text
      .slice(text.lastIndexOf(")") + 2)
      .split(" ")
      .map(Number);
    return { session: fields[3]!, ticks: fields[11]! + fields[12]! + fields[13]! + fields[14]! };
  } catch {
    return undefined;
  }
}
