import { readdirSync, readFileSync } from "node:fs";

/**
 * Ctrl-C in two steps: the first asks the engine to stop after what it is doing, the second ends it at once.
 * Commands look at `requested` between their steps, so that a file is never left half-way.
 */
export class Interrupts {
  private readonly controller = new AbortController();
  private count = 0;
  private readonly onSignal = (signal: NodeJS.Signals) => this.take(signal);

  constructor(
    private readonly tell: (line: string) => void,
    private readonly killEngine: () => void = () => killDescendants(process.pid),
  ) {}

  /** Aborted when the engine has to be told to stop. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  get requested(): boolean {
    return this.count > 0;
  }

  /** True when the engine was ended at once and could not tidy up. */
  get killed(): boolean {
    return this.count > 1;
  }

  listen(): void {
    for (const signal of SIGNALS) process.on(signal, this.onSignal);
  }

  close(): void {
    for (const signal of SIGNALS) process.off(signal, this.onSignal);
  }

  take(signal: NodeJS.Signals): void {
    this.count += 1;
    if (this.count === 1) {
      this.tell("Stopping after what is under way. Press Ctrl-C again to stop at once.");
      // A terminal gives Ctrl-C to the engine as well, and a second one would make it stop at once.
      if (signal !== "SIGINT" || !process.stdin.isTTY) this.controller.abort();
      return;
    }
    this.tell("Stopping at once.");
    this.killEngine();
  }
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Ends all processes below one, children of children first. Those that were started to outlive us, such as the
 * sandbox, are in a session of their own and are left alone.
 */
export function killDescendants(pid: number): void {
  for (const child of descendants(pid).reverse()) {
    try {
      process.kill(child, "SIGKILL");
    } catch {
      // It ended by itself meanwhile.
    }
  }
}

function descendants(pid: number): number[] {
  const session = processOf(pid)?.session;
  const all = processIds().flatMap((id) => {
    const entry = processOf(id);
    return entry && entry.session === session ? [{ id, parent: entry.parent }] : [];
  });
  const found: number[] = [];
  const visit = (parent: number) => {
    for (const { id } of all.filter((entry) => entry.parent === parent && !found.includes(entry.id))) {
      found.push(id);
      visit(id);
    }
  };
  visit(pid);
  return found;
}

function processIds(): number[] {
  try {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    // No /proc on this system: there is nobody to find, and the engine gets the terminal's Ctrl-C itself.
    return [];
  }
}

/** The parent of a process, or undefined when it is gone or cannot be known. */
export function parentOf(pid: number): number | undefined {
  return processOf(pid)?.parent;
}

function processOf(pid: number): { parent: number; session: number } | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is the program's name in brackets and may contain anything.
    const [, parent, , session] = status.slice(status.lastIndexOf(")") + 2).split(" ");
    return { parent: Number(parent), session: Number(session) };
  } catch {
    return undefined;
  }
}
