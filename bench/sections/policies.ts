import { measured, ratioOf, table } from "../lib/tables";

export const PACKS = ["none", "empty", "ours"] as const;
export type Pack = (typeof PACKS)[number];

export interface Policies {
  rules: number;
  /** What the previewed environment has. */
  resources: number;
  /** Seconds. */
  rounds: { start: Record<Exclude<Pack, "none">, number>; preview: Record<Pack, number> }[];
}

export function policiesSection({ rules, resources, rounds }: Policies): string {
  const preview = (pack: Pack) => rounds.map((round) => round.preview[pack]);
  const start = (pack: Exclude<Pack, "none">) => rounds.map((round) => round.start[pack]);
  const added = (pack: Pack) =>
    measured(
      rounds.map((round) => round.preview[pack] - round.preview.none),
      "s",
    );
  return `\`pulumi preview\` of dev from nothing, ${resources} resources, all of which the pack judges: without a pack, with one of a single
rule that says nothing, and with ours of ${rules} rules, enforced as dev's file says; ${rounds.length} rounds after one that warmed up, in changing order. A pack's
start is that of its process, until it says at which port it answers. The engine starts it beside the program, so not
all of it is added to a preview.

${table(
  ["", "without a pack", "a pack of one rule", "ours", "ours ÷ without", "ours ÷ one rule"],
  [
    [
      "`pulumi preview`",
      measured(preview("none"), "s"),
      measured(preview("empty"), "s"),
      measured(preview("ours"), "s"),
      ratioOf(preview("ours"), preview("none")),
      ratioOf(preview("ours"), preview("empty")),
    ],
    ["added to the preview", "", added("empty"), added("ours"), "", ""],
    [
      "start of the pack",
      "",
      measured(start("empty"), "s"),
      measured(start("ours"), "s"),
      "",
      ratioOf(start("ours"), start("empty")),
    ],
  ],
)}`;
}
