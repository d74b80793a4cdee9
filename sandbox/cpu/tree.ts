import { readdirSync, readFileSync } from "node:fs";

/** A process with all that it started, and all that those started. A process that has ended has none. */
export function processTree(root: number): number[] {
  const tree = [root];
  for (const pid of tree) tree.push(...childrenOf(pid));
  return tree;
}

/** How long the processor worked for a process and what it started. Unlike the ticks of `stat`, exact to the microsecond. */
export class TreeClock {
  private before = new Map<number, number>();

  constructor(private readonly root: () => number | undefined) {}

  /** Seconds since it was asked last. A process that is new is counted from its beginning. */
  spent(): number {
    const root = this.root();
    const after = new Map((root === undefined ? [] : processTree(root)).map((pid) => [pid, onCpu(pid)]));
    let spent = 0;
    for (const [pid, seconds] of after) spent += Math.max(0, seconds - (this.before.get(pid) ?? 0));
    this.before = after;
    return spent;
  }
}

function childrenOf(pid: number): number[] {
  return read(`/proc/${pid}/task/${pid}/children`).split(" ").filter(Boolean).map(Number);
}

/** Of all of its threads. */
function onCpu(pid: number): number {
  const nanoseconds = threadsOf(pid).map((thread) =>
    Number(read(`/proc/${pid}/task/${thread}/schedstat`).split(" ")[0]),
  );
  return nanoseconds.reduce((sum, each) => sum + each, 0) / 1e9;
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return "";
  }
}
