import { CommandError, ExitCode, failed, turnedAway } from "../errors";
import { holderIn, lockedError } from "./lock";
import { type Diagnostic, plain } from "./progress";
import { kindOf, parseUrn } from "./urn";

/**
 * The error of an update as a person needs it: a gate's refusal, a lock, or the errors of the resources, in this
 * order. Everything else that the engine prints around them is left out.
 */
export function explainFailure(diagnostics: readonly Diagnostic[], error: unknown): CommandError {
  if (error instanceof CommandError) return error;
  const text = plain(error instanceof Error ? error.message : String(error));
  const errors = diagnostics.filter((diagnostic) => diagnostic.severity === "error");
  return (
    explainGate([...errors.map((diagnostic) => diagnostic.message), text]) ??
    explainConfig(errors) ??
    explainLock(text) ??
    explainResources(errors) ??
    failed(lastWords(text))
  );
}

function explainGate(messages: string[]): CommandError | undefined {
  for (const message of messages) {
    const match = /\[gate:([a-z-]+)\]\s*([\s\S]*)/.exec(message);
    if (!match?.[1]) continue;
    // A gate that was stopped has judged nothing.
    if (match[1] === "interrupted") return failed(cleaned(match[2] ?? ""));
    return turnedAway(match[1], cleaned(match[2] ?? ""));
  }
  return undefined;
}

/** The program checks the same file by the same schema; its error is the whole story. */
function explainConfig(errors: Diagnostic[]): CommandError | undefined {
  const mistake = errors.find(({ message }) =>
    /^(Error: )?Pulumi\.\S+ has (a mistake|\d+ mistakes):/.test(message),
  );
  return mistake && new CommandError(ExitCode.wrongUse, cleaned(mistake.message.replace(/^.*Error: /, "")));
}

function explainLock(text: string): CommandError | undefined {
  if (!/currently locked by|Another update is currently in progress/.test(text)) return undefined;
  return lockedError(holderIn(text));
}

/** Messages that only repeat that something failed. */
const NOISE = [
  /^update failed$/i,
  /^preview failed$/i,
  /^destroy failed$/i,
  /resource monitor shut down/i,
  /^(error: )?an unhandled error occurred: Program exited with non-zero exit code/i,
  /^a resource hook failed/i,
];

function explainResources(errors: Diagnostic[]): CommandError | undefined {
  const telling = errors.filter(({ message }) => !NOISE.some((noise) => noise.test(message.trim())));
  const lines = telling.map(({ message, urn }) => `${subject(urn)}${cleaned(message)}`);
  const unique = [...new Set(lines)];
  if (unique.length === 0) return undefined;
  if (unique.length === 1) return failed(unique[0] ?? "");
  return failed(
    [`${unique.length} errors:`, ...unique.map((line) => `  ${line.replace(/\n/g, "\n  ")}`)].join("\n"),
  );
}

function subject(urn: string | undefined): string {
  if (!urn) return "";
  const { type, name } = parseUrn(urn);
  return type.startsWith("pulumi:") ? "" : `${kindOf(type)} ${name}: `;
}

/** Without stack traces, the engine's prefixes and empty lines at the ends. */
function cleaned(message: string): string {
  return message
    .split("\n")
    .filter((line) => !/^\s+at .*(:\d+:\d+\)?|\(native\)|<anonymous>\)?)$/.test(line))
    .join("\n")
    .replace(/^(error:\s*)+/i, "")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

/** The last `error:` line of the engine's own output, or its last line at all. */
function lastWords(text: string): string {
  const lines = text.split("\n").map((line) => line.trim());
  const told = lines.filter((line) => /^(stderr: )?error:/i.test(line)).at(-1);
  return (
    told ??
    lines.filter((line) => line !== "").at(-1) ??
    "The engine failed and gave no reason."
  ).replace(/^(stderr: )?error:\s*/i, "");
}
