/** The command line as users and scripts call it, on a sandbox and a project of the test's own. */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";

const executable = join(__dirname, "..", "..", "bin", "retrofit.js");

/** What a command says in JSON. */
// biome-ignore lint/suspicious/noExplicitAny: a wrong shape fails the test that reads it
export type Answer = Record<string, any>;

export interface Finished {
  pid: number;
  exitCode: number | null;
  stdout: string;
  stderr: string;
  /** The last line of standard output, read as JSON. */
  json: Answer;
}

export interface Started {
  child: ChildProcess;
  /** Both streams as they come. */
  output(): string;
  finished: Promise<Finished>;
}

export function start(
  command: string,
  args: string[],
  environment: Record<string, string> = {},
  cwd?: string,
): Started {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    stdout += chunk;
  });
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    stderr += chunk;
  });
  const finished = new Promise<Finished>((resolve) => {
    child.once("close", (exitCode) =>
      resolve({ pid: child.pid!, exitCode, stdout, stderr, json: lastObject(stdout) }),
    );
  });
  return { child, output: () => stdout + stderr, finished };
}

export function retrofit(args: string[], environment?: Record<string, string>): Started {
  return start(process.execPath, [executable, ...args], environment);
}

/** A line of shell, as it would be typed. */
export function shell(line: string, environment?: Record<string, string>): Started {
  return start("bash", ["-c", line], environment);
}

/** Plain `pulumi` in a project, pointed at the sandbox by what `sandbox env` prints and nothing else. */
export function pulumi(project: string, args: string, environment?: Record<string, string>): Started {
  const variables = `$(node ${JSON.stringify(executable)} sandbox env)`;
  return shell(`cd "${project}" && eval "${variables}" && pulumi ${args} --non-interactive`, environment);
}

function lastObject(stdout: string): Answer {
  try {
    return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as Answer;
  } catch {
    return {};
  }
}
