/** The resources of the examples and of the insecure programs, given to Checkov: where it says otherwise, it is known why. */
import { rules } from "../../policies/catalogue";
import { COUNTERPARTS } from "../../policies/coverage";
import type { Bag, Rule } from "../../policies/rule";
import type { Sample } from "../../policies/testing/rule-test";
import { checkovSays, type Verdict } from "./support/checkov";
import { DIFFERENCES } from "./support/differences";

// The examples alone: their own tests run beside the rules.
process.env.RETROFIT_EXAMPLES = "only";
const {
  findings,
}: typeof import("../../policies/testing/rule-test") = require("../../policies/testing/rule-test");
const { allExamples }: typeof import("./support/program") = require("./support/program");
const { CORPUS }: typeof import("./support/corpus") = require("./support/corpus");

jest.setTimeout(300_000);

const Checkov = COUNTERPARTS.Checkov!;
const answers = ({ ids }: Rule) => ids.filter(Checkov.owns);

interface Case {
  title: string;
  samples: readonly Sample[];
  /** The rules that are compared on it, with their parameters. */
  judges: { rule: Rule; settings?: Bag }[];
}

/** An example is its own rule's; an insecure program is everybody's. */
const cases: Case[] = [
  ...allExamples().flatMap(({ violating, compliant, ...judge }) =>
    Object.entries({ ...violating, ...compliant }).map(([title, samples]) => ({
      title,
      samples,
      judges: [judge],
    })),
  ),
  ...CORPUS.map(({ mistake, resources }) => ({
    title: mistake,
    samples: resources,
    judges: rules.map((rule) => ({ rule })),
  })),
].filter(({ samples }) => samples.every(({ kind }) => !kind.startsWith("docker/")));

let verdicts: Verdict[];

beforeAll(async () => {
  verdicts = await checkovSays(cases.map(({ samples }) => samples));
}, 600_000);

const entry = (rule: string, finds: string, where: string) => `${rule}: ${where}: ${finds} alone`;

function differences(): string[] {
  return cases.flatMap(({ title, samples, judges }, i) =>
    judges
      .filter(({ rule }) => answers(rule).length > 0)
      .flatMap(({ rule, settings }) => {
        const ours = findings(rule, samples, settings).length > 0;
        const theirs = answers(rule).some((id) => verdicts[i]!.failed.has(id));
        return ours === theirs ? [] : [entry(rule.name, ours ? "we" : "Checkov", title)];
      }),
  );
}

test("where one of the two finds something alone, it is explained, and nothing is explained that is not so", () => {
  const explained = DIFFERENCES.flatMap(({ rule, finds, where }) =>
    where.map((one) => entry(rule, finds, one)),
  );
  expect(explained.sort()).toEqual(differences().sort());
});

test("what Checkov checks of these resources is answered by a rule, or left out for a reason", () => {
  const made = new Set(verdicts.flatMap(({ failed, passed }) => [...failed, ...passed]));
  const answered = new Set(rules.flatMap(answers));
  const leftOut = Checkov.without.flatMap(({ ids }) => ids);
  expect([...made].filter((id) => !answered.has(id)).sort()).toEqual([...leftOut].sort());
});
