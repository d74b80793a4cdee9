import type { Usage } from "../lib/measured-process";
import { measured, ratioOf, table } from "../lib/tables";

export const PROGRAMS = ["ours", "emptyJavaScript", "emptyTypeScript"] as const;
export type Program = (typeof PROGRAMS)[number];

export interface ProgramStart {
  rounds: Record<Program, Usage>[];
  /** Resources that our program asks for, components included. */
  resources: number;
}

export function programStartSection({ rounds, resources }: ProgramStart): string {
  const of = (program: Program, value: keyof Usage) => rounds.map((round) => round[program][value]);
  const row = (label: string, program: Program) => [
    label,
    measured(of(program, "seconds"), "s"),
    program === "ours" ? "" : ratioOf(of("ours", "seconds"), of(program, "seconds")),
    measured(of(program, "cpuSeconds"), "s"),
    program === "ours" ? "" : ratioOf(of("ours", "cpuSeconds"), of(program, "cpuSeconds")),
    measured(of(program, "peakMb"), "MB"),
    program === "ours" ? "" : ratioOf(of("ours", "peakMb"), of(program, "peakMb")),
  ];
  const head = [
    "program",
    "time",
    "ours ÷ this",
    "processor time",
    "ours ÷ this",
    "peak memory",
    "ours ÷ this",
  ];
  return `${rounds.length} rounds of whole processes after one that warmed up. Each is run as the engine runs a program in a preview: Node with
\`@pulumi/pulumi/cmd/run\`, the addresses of monitor and engine as arguments, the config of \`Pulumi.dev.yaml\` in the environment.
In place of the engine a stub answers over the same protocol, at once, with what the program sent and nothing that only AWS
knows, so neither engine nor provider is in the numbers. The empty programs export the stack's name and nothing else. "Type-checked"
is what Pulumi does with a TypeScript program unless it is told otherwise; ours is TypeScript that is compiled while it is loaded and checked
by \`npm run typecheck\`. Ours registers ${resources} resources, components and the stack included, and packs a release; an empty one registers the stack.

${table(head, [
  row("ours, environment dev", "ours"),
  row("empty, JavaScript", "emptyJavaScript"),
  row("empty, TypeScript, type-checked", "emptyTypeScript"),
])}`;
}
