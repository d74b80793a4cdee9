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
const idleLoad = 1.5;

/**
 * Waits until the machine is idle, at most `BENCH_WAIT_MINUTES` (default 0: measure at once). Returns the load, which
 * the report shows whatever it is.
 */
export async function waitForIdle(say: (line: string) => void): Promise<number> {
  const until = Date.now() + Number(process.env.BENCH_WAIT_MINUTES ?? 0) * 60_000;
  let told = false;
  while (loadavg()[0]! > idleLoad && Date.now() < until) {
    if (!told) say(`waiting for other work on this machine to end (load ${loadavg()[0]!.toFixed(1)})`);
    told = true;
    await sleep(5_000);
  }
  return loadavg()[0]!;
}

export const currentLoad = (): number => loadavg()[0]!;
