/** The machine in one line, and whether it is idle enough to measure on. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism, cpus, loadavg, release, totalmem } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";

export interface MachineNote {
  cores: number;
  processor: string;
  memoryGb: number;
  system: string;
  /** By tool. */
  versions: Record<string, string>;
}

const packageVersion = (name: string): string =>
  (
    JSON.parse(readFileSync(createRequire(__filename).resolve(`${name}/package.json`), "utf8")) as {
      version: string;
    }
  ).version;

export function describeMachine(more: Record<string, string> = {}): MachineNote {
  return {
    cores: availableParallelism(),
    processor: (cpus()[0]?.model ?? "unknown").replace(/\((R|TM)\)/g, ""),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `Linux ${release().replace(/^(\d+\.\d+).*/, "$1")}`,
    versions: {
      Node: process.versions.node,
      "@pulumi/pulumi": packageVersion("@pulumi/pulumi"),
      "@pulumi/aws": packageVersion("@pulumi/aws"),
      ...more,
    },
  };
}

/** How busy the machine may be with other things when a measurement begins. */
export const IDLE_LOAD = 1.5;

/** How busy the machine was: the load average of the last minute. */
export interface LoadNote {
  before: number;
  /** The highest between rounds; the measured work itself is in it. */
  highest: number;
}

export class LoadWatch {
  private constructor(private readonly note: LoadNote) {}

  /**
   * Waits until the machine is idle, at most `BENCH_WAIT_MINUTES` (default 0: measure at once). The report shows the
   * load whatever it is.
   */
  static async whenIdle(say: (line: string) => void): Promise<LoadWatch> {
    const until = Date.now() + Number(process.env.BENCH_WAIT_MINUTES ?? 0) * 60_000;
    let told = false;
    while (load() > IDLE_LOAD && Date.now() < until) {
      if (!told) say(`waiting for other work on this machine to end (load ${load().toFixed(1)})`);
      told = true;
      await sleep(5_000);
    }
    return new LoadWatch({ before: load(), highest: load() });
  }

  /** To be called after each round. */
  look(): LoadNote {
    this.note.highest = Math.max(this.note.highest, load());
    return this.note;
  }
}

const load = (): number => loadavg()[0]!;
