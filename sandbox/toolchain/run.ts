/** Child processes that end with us, in whatever way we end. */
import { type ChildProcess, spawn } from "node:child_process";

/**
 * Leads a process group of its own and holds the end of a pipe to us: when we are gone, even by SIGKILL, the pipe ends
 * and the group is killed.
 */
const OWNED = `
exec 3<&0
( read -r _ <&3; kill -KILL 0 ) >/dev/null 2>&1 &
reader=$!
"$@" </dev/null 3<&- &
wait $!
code=$?
kill -KILL $reader
exit $code
`;

export interface RunOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** Ends the command after so many milliseconds. */
  timeout?: number;
  /** Sees the command's output while it comes. */
  onOutput?: (chunk: string) => void;
}

export interface RunResult {
  code: number;
  /** Standard output and standard error as they came; of a long one the end. */
  output: string;
}

const KEPT_OUTPUT = 64 * 1024;

const running = new Set<ChildProcess>();

let givenUp = false;

/** Ends every command under way and starts no other, until the next `beginRunning`. */
export function endRunning(): void {
  givenUp = true;
  for (const child of running) killGroup(child);
}

export function beginRunning(): void {
  givenUp = false;
}

/** Runs a command to its end. Never rejects: a command that cannot be started has exit code 127. */
export function run(command: string, args: string[], options: RunOptions = {}): Promise<RunResult> {
  if (givenUp) return Promise.resolve({ code: 130, output: "given up" });
  return new Promise((resolve) => {
    const child = spawn("/bin/sh", ["-c", OWNED, "sh", command, ...args], {
      cwd: options.cwd,
      env: options.env ?? process.env,
      detached: true,
      stdio: ["pipe", "pipe", "pipe"],
    });
    running.add(child);
    let output = "";
    const take = (chunk: Buffer) => {
      const text = chunk.toString("utf8");
      output = (output + text).slice(-KEPT_OUTPUT);
      options.onOutput?.(text);
    };
    child.stdin.on("error", () => {});
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    const timer = options.timeout && setTimeout(() => killGroup(child), options.timeout);
    child.on("error", (error) => {
      running.delete(child);
      if (timer) clearTimeout(timer);
      resolve({ code: 127, output: error.message });
    });
    child.on("close", (code) => {
      running.delete(child);
      if (timer) clearTimeout(timer);
      resolve({ code: code ?? 1, output });
    });
  });
}

function killGroup(child: ChildProcess): void {
  try {
    if (child.pid) process.kill(-child.pid, "SIGKILL");
  } catch {
    // Already gone.
  }
}
