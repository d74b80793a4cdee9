/** A project and a sandbox of a measurement's own, so that nothing else is disturbed and nothing is left behind. */
import { join } from "node:path";
import { createWorkspace } from "../../release/demo/workspace";
import { startSandbox, stopSandbox } from "../../sandbox";
import { ensureToolchain } from "../../sandbox/toolchain";
import { timed } from "./measured-process";

export const ENVIRONMENT = "dev";
export const FIRST_RELEASE = "1.0.0";

export interface Trial {
  /** Folder of a copy of the project's files; the program in it is the checkout's. */
  project: string;
  /** A folder for whatever else the measurement needs; removed with the trial. */
  folder: string;
  /** The environment in which every tool finds the sandbox. */
  env: NodeJS.ProcessEnv;
  /** How engine and provider came about, for the report. */
  versions: Record<string, string>;
}

export type Say = (line: string) => void;

/** Runs `body` in a sandbox that is empty and ends with it, whatever happens. */
export async function inTrial<T>(say: Say, body: (trial: Trial) => Promise<T>): Promise<T> {
  const workspace = createWorkspace(FIRST_RELEASE);
  const before = process.env.RETROFIT_SANDBOX;
  process.env.RETROFIT_SANDBOX = workspace.sandbox;
  try {
    const { engine, provider } = await ensureToolchain(({ step, state, detail }) => {
      if (state !== "start") say(`${step}: ${detail ?? state}`);
    });
    // A lease: it ends with this process, even when that is killed.
    const sandbox = await startSandbox({ lease: true });
    const env = { ...process.env, ...sandbox.env, PULUMI_SKIP_UPDATE_CHECK: "true", NO_COLOR: "1" };
    try {
      return await body({
        project: workspace.project,
        folder: workspace.project,
        env,
        versions: {
          "Pulumi engine": engine.version,
          "AWS provider":
            provider.how === "bridge"
              ? `${provider.terraformVersion} (bridged)`
              : `${provider.version} (official)`,
        },
      });
    } finally {
      await sandbox.close();
      await stopSandbox();
    }
  } finally {
    if (before === undefined) delete process.env.RETROFIT_SANDBOX;
    else process.env.RETROFIT_SANDBOX = before;
    workspace.remove();
  }
}

/** Runs a Pulumi command on the environment's stack; returns its seconds. */
export function pulumi(
  { project, env }: Trial,
  args: string[],
  onLine?: (line: string) => void,
): Promise<number> {
  const all = [...args, "--stack", ENVIRONMENT, "--non-interactive", "--color", "never"];
  return timed({ command: "pulumi", args: all, cwd: project, env, ...(onLine ? { onLine } : {}) });
}

/** Runs a command of ours as a user would; returns its seconds. */
export function retrofit(
  { project, env }: Trial,
  args: string[],
  onLine?: (line: string) => void,
): Promise<number> {
  return timed({
    command: process.execPath,
    args: [join(__dirname, "..", "..", "bin", "retrofit.js"), ...args, "--yes", "--cwd", project],
    cwd: project,
    env,
    ...(onLine ? { onLine } : {}),
  });
}

/** What a Pulumi command prints, such as a stack's export. */
export async function pulumiOutput(trial: Trial, args: string[]): Promise<string> {
  const lines: string[] = [];
  await pulumi(trial, args, (line) => lines.push(line));
  return lines.join("\n");
}
