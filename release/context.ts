import { createInterface } from "node:readline/promises";
import { wrongUse } from "./errors";
import { Interrupts } from "./interrupt";
import { Output } from "./output";

/** Options that every command takes. */
export interface GlobalOptions {
  json?: boolean;
  yes?: boolean;
  sandbox?: boolean;
  cwd?: string;
  forceUnlock?: boolean;
}

/** What a command gets besides its own arguments. */
export interface Context {
  /** Folder of the Pulumi project. */
  cwd: string;
  yes: boolean;
  sandbox: boolean;
  /** Break the stack's lock whoever holds it. */
  forceUnlock: boolean;
  output: Output;
  interrupts: Interrupts;
  /** When the command was given, in epoch milliseconds: times that users are told begin here. */
  startedAt: number;
}

export function createContext(options: GlobalOptions): Context {
  const output = new Output({ json: options.json === true });
  return {
    cwd: options.cwd ?? process.cwd(),
    yes: options.yes === true,
    sandbox: options.sandbox === true,
    forceUnlock: options.forceUnlock === true,
    output,
    interrupts: new Interrupts((line) => output.warn(line)),
    startedAt: Date.now() - process.uptime() * 1000,
  };
}

/** Asks for the environment's name before something that cannot be undone. `--yes` answers it. */
export async function confirmByName(context: Context, environment: string, what: string): Promise<void> {
  if (context.yes) return;
  if (!process.stdin.isTTY || context.output.json) {
    throw wrongUse(`${what} has to be confirmed.`, "Add --yes where nobody can be asked.");
  }
  const answer = await ask(`${what}. Type the environment's name to go on: `);
  if (answer !== environment) {
    throw wrongUse(`That was not "${environment}". Nothing was changed.`);
  }
}

/** Asks before a change of something real, where somebody is there to answer. */
export async function confirmChange(context: Context, question: string): Promise<void> {
  if (context.yes || context.sandbox || context.output.json || !context.output.interactive) return;
  if (!process.stdin.isTTY) return;
  const answer = await ask(`${question} [y/N] `);
  if (!/^y(es)?$/i.test(answer)) throw wrongUse("Nothing was changed.");
}

async function ask(question: string): Promise<string> {
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await prompt.question(question)).trim();
  } finally {
    prompt.close();
  }
}
