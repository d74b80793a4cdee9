/** What every part of the command line is made with. */
import { type Command, InvalidArgumentError } from "commander";
import { type Context, createContext, type GlobalOptions } from "./context";

/** A command's body. Loaded when it is called, so that `--help` and wrong use answer at once. */
export type Action = (context: Context, ...args: never[]) => Promise<void>;

export function onEnvironment(
  program: Command,
  name: string,
  description: string,
  ...examples: string[]
): Command {
  const command = program.command(name).description(description);
  return withExamples(command, examples).argument(
    "<environment>",
    "dev, test, prod, …: Pulumi.<environment>.yaml",
  );
}

export function withExamples(command: Command, examples: string[]): Command {
  const lines = examples.map((example) => `  $ retrofit ${example}`);
  return command.addHelpText("after", `\nExamples:\n${lines.join("\n")}`);
}

/** Commander hands over arguments, then options, then the command; ours take the context first. */
export function run(load: () => Promise<unknown>): (...args: unknown[]) => Promise<void> {
  return async (...args) => {
    const command = args.at(-1) as Command;
    const context = createContext(command.optsWithGlobals<GlobalOptions>());
    const body = (await load()) as (context: Context, ...args: unknown[]) => Promise<void>;
    context.interrupts.listen();
    try {
      await body(context, ...args.slice(0, -1));
    } finally {
      context.interrupts.close();
      context.output.setLive([]);
    }
  };
}

export function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) {
    throw new InvalidArgumentError("It has to be a whole number above 0.");
  }
  return number;
}
