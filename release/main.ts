import { CommanderError } from "commander";
import { asCommandError, type CommandError, ExitCode } from "./errors";
import { Output } from "./output";
import { buildProgram } from "./program";

// What the SDK supports is not for users of this command line to read about at every call.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";

/** Runs the command line and sets the exit code. Never rejects. */
export async function main(argv: readonly string[]): Promise<void> {
  try {
    await buildProgram().parseAsync([...argv], { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) {
      // Help and version end with 0; everything else commander throws is wrong use, and it has said why.
      process.exitCode = error.exitCode === 0 ? ExitCode.done : ExitCode.wrongUse;
      if (error.exitCode !== 0 && wantsJson(argv)) tellJson(asWrongUse(error));
      return;
    }
    const problem = asCommandError(error);
    tell(problem, wantsJson(argv));
    process.exitCode = problem.exitCode;
  }
}

function tell(problem: CommandError, json: boolean): void {
  // With --json everything but the object goes to standard error; without it, errors go there as well.
  const output = new Output({ json: false, stdout: process.stderr });
  output.line();
  const [first = "", ...rest] = problem.message.split("\n");
  output.fail(problem.exitCode === ExitCode.turnedAway ? `Turned away: ${first}` : first);
  for (const line of rest) output.line(`  ${line}`);
  if (problem.hint) output.line(output.colors.dim(`  ${problem.hint}`));
  if (json) tellJson(problem);
}

function tellJson(problem: Pick<CommandError, "message" | "exitCode" | "json">): void {
  const { message, exitCode, json } = problem;
  process.stdout.write(`${JSON.stringify({ error: message, exitCode, ...json })}\n`);
}

function asWrongUse(error: CommanderError): Pick<CommandError, "message" | "exitCode" | "json"> {
  return { message: error.message.replace(/^error: /, ""), exitCode: ExitCode.wrongUse, json: {} };
}

function wantsJson(argv: readonly string[]): boolean {
  return argv.includes("--json");
}

void main(process.argv.slice(2)).then(() => {
  // Sockets of the AWS clients stay open for reuse; there is nothing left to wait for.
  process.stdout.write("", () => process.exit());
});
