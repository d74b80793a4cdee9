/** Runs a command as a whole process and measures it from outside. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Usage {
  /** From the start of the process to its end. */
  seconds: number;
  /** Processor time, user and system, of the process itself. */
  cpuSeconds: number;
  /** Peak of resident memory. */
  peakMb: number;
}

export interface Run {
  command: string;
  args: string[];
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** Called with each line of output as it comes. */
  onLine?: (line: string) => void;
  /** Exit codes that are no failure. Default: 0. */
  expected?: number[];
}

/** Seconds that a command took; an error with the end of its output when it failed. */
export async function timed(run: Run): Promise<number> {
  const started = process.hrtime.bigint();
  const { code, said } = await finished(run);
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  if (!(run.expected ?? [0]).includes(code)) {
    throw new Error(`${run.command} ${run.args.join(" ")} ended with ${code}:\n${said.slice(-4000)}`);
  }
  return seconds;
}

/** The same for a Node program, which reports its own processor time and peak of memory at its exit. */
export async function measuredNode(run: Omit<Run, "command">): Promise<Usage> {
  const folder = mkdtempSync(join(tmpdir(), "retrofit-bench-"));
  const report = join(folder, "usage.json");
  try {
    const seconds = await timed({
      ...run,
      command: process.execPath,
      args: ["--require", join(__dirname, "report-usage.js"), ...run.args],
      env: { ...run.env, BENCH_USAGE_FILE: report },
    });
    const usage = JSON.parse(readFileSync(report, "utf8")) as NodeJS.ResourceUsage;
    return {
      seconds,
      cpuSeconds: (usage.userCPUTime + usage.systemCPUTime) / 1e6,
      peakMb: usage.maxRSS / 1024,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function finished(run: Run): Promise<{ code: number; said: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(run.command, run.args, {
      cwd: run.cwd,
      env: run.env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) {
      let rest = "";
      stream.setEncoding("utf8").on("data", (text: string) => {
        said = (said + text).slice(-20_000);
        const lines = (rest + text).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) run.onLine?.(line);
      });
    }
    child.once("error", reject);
    child.once("close", (code, signal) => {
      if (signal) reject(new Error(`${run.command} was ended by ${signal}:\n${said.slice(-4000)}`));
      else resolve({ code: code ?? 1, said });
    });
  });
}
