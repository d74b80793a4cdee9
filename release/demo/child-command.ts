import { type ChildProcess, spawn } from "node:child_process";
import type { Context } from "../context";
import { CommandError, ExitCode } from "../errors";
import { executable } from "../package-root";

export interface CommandResult {
  exitCode: number;
  /** The object that the command ended with. */
  json: Record<string, unknown>;
}

/** Commands under way, so that they end with the demo. */
const running = new Set<ChildProcess>();

export function endChildCommands(): void {
  for (const child of running) child.kill("SIGINT");
}

/**
 * Runs a command of this command line as a user would, in a process of its own. Its progress is shown where the
 * demo's is.
 */
export async function runCommand(
  context: Context,
  args: string[],
  allowed: number[] = [ExitCode.done],
): Promise<CommandResult> {
  if (context.interrupts.requested) throw new CommandError(ExitCode.failed, "Stopped as you asked.");
  const child = spawn(process.execPath, [executable(), ...args, "--json"], {
    stdio: ["ignore", "pipe", context.output.json ? "inherit" : 1],
  });
  running.add(child);
  let text = "";
  child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  const exitCode = await new Promise<number>((resolve) => {
    child.once("close", (code) => resolve(code ?? ExitCode.failed));
  });
  running.delete(child);
  const json = parseLast(text);
  if (!allowed.includes(exitCode)) {
    const reason = typeof json.error === "string" ? json.error : `it ended with exit code ${exitCode}`;
    throw new CommandError(ExitCode.failed, `retrofit ${args[0]} failed: ${reason}`);
  }
  return { exitCode, json };
}

function parseLast(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text.trim().split("\n").at(-1) ?? "") as Record<string, unknown>;
  } catch {
    return {};
  }
}
