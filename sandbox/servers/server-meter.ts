import { TreeClock } from "../cpu/tree";
import type { ServerProcess } from "./server-process";
import type { Measure } from "./servers";

/** How busy a server's processor is: in percent of the share of a core that it has. */
export class BusyMeter {
  private readonly clock: TreeClock;
  private readAt = 0;

  constructor(private readonly server: ServerProcess) {
    this.clock = new TreeClock(() => server.pid);
  }

  /** Since it was read last; at first there is nothing to tell. */
  read(): number | undefined {
    const now = performance.now();
    const seconds = (now - this.readAt) / 1000;
    const first = this.readAt === 0;
    this.readAt = now;
    const spent = this.clock.spent();
    if (first) return undefined;
    return Math.min(100, (spent / seconds / this.server.limit.cores) * 100);
  }
}

/** Of a name that is given for two moments, the difference; undefined where it began anew in between. */
export function growth(
  before: Record<string, number>,
  after: Record<string, number>,
  name: string,
): number | undefined {
  const grown = (after[name] ?? Number.NaN) - (before[name] ?? Number.NaN);
  return grown >= 0 ? grown : undefined;
}

export const measure = (name: string, value: number | undefined, unit: string): Measure[] =>
  value === undefined || Number.isNaN(value) ? [] : [{ name, value, unit }];
