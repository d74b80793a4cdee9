/** What a script may rely on. */
export const ExitCode = { done: 0, failed: 1, wrongUse: 2, turnedAway: 3 } as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** A command ended without doing what was asked. The message is for a person and complete: no trace follows it. */
export class CommandError extends Error {
  constructor(
    readonly exitCode: Exclude<ExitCode, 0>,
    message: string,
    /** What to do about it. */
    readonly hint?: string,
    /** Further properties of the JSON object that `--json` ends with. */
    readonly json: Record<string, unknown> = {},
  ) {
    super(message);
    this.name = "CommandError";
  }
}

export function wrongUse(message: string, hint?: string): CommandError {
  return new CommandError(ExitCode.wrongUse, message, hint);
}

export function failed(message: string, hint?: string): CommandError {
  return new CommandError(ExitCode.failed, message, hint);
}

/** A gate said no: nothing went wrong with the command, and the traffic is where the message says. */
export function turnedAway(gate: string, message: string, hint?: string): CommandError {
  return new CommandError(ExitCode.turnedAway, message, hint, { gate });
}

/** The same error with more for the JSON object that `--json` ends with. */
export function withJson(error: CommandError, more: Record<string, unknown>): CommandError {
  return new CommandError(error.exitCode, error.message, error.hint, { ...error.json, ...more });
}

/** Any error as the command line reports it. Mistakes in a file and errors of the sandbox carry their own text. */
export function asCommandError(error: unknown): CommandError {
  if (error instanceof CommandError) return error;
  if (!(error instanceof Error)) return failed(String(error));
  if (error.name === "EnvironmentConfigError" || error.name === "ArtifactError") {
    return wrongUse(error.message, "Nothing was changed.");
  }
  const gate = /^\[gate:([a-z-]+)\]\s*([\s\S]*)$/.exec(error.message);
  if (gate?.[1]) return turnedAway(gate[1], gate[2] ?? "");
  const { hint } = error as { hint?: unknown };
  if (typeof hint === "string") return failed(error.message, hint);
  return failed(process.env.RETROFIT_DEBUG ? (error.stack ?? error.message) : describe(error));
}

/** AWS errors say little without their name; ordinary ones need nothing added. */
function describe(error: Error): string {
  const { $metadata } = error as { $metadata?: unknown };
  return $metadata === undefined ? error.message : `AWS answered ${error.name}: ${error.message}`;
}
