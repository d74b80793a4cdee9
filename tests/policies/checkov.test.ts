/** The resources of the examples, the insecure programs and the project's environments, given to Checkov: where it says otherwise, it is known why. */
import { join } from "node:path";
import { rules } from "../../policies/catalogue";
import { COUNTERPARTS } from "../../policies/coverage";
import type { Bag, Rule } from "../../policies/rule";
import type { Sample } from "../../policies/testing/rule-test";
import { loadEnvironmentFile } from "../../stacks/config";
import { environment } from "../../stacks/environment";
import { checkovSays, type Verdict } from "./support/checkov";
import { DIFFERENCES, IN_ENVIRONMENTS } from "./support/differences";
import { root } from "./support/engine";
import { type Terraform, terraformOf, terraformOfProgram } from "./support/terraform";

// The examples alone: their own tests run beside the rules.
process.env.RETROFIT_EXAMPLES = "only";
const {
  findings,
}: typeof import("../../policies/testing/rule-test") = require("../../policies/testing/rule-test");
const { allExamples }: typeof import("./support/program") = require("./support/program");
const { CORPUS }: typeof import("./support/corpus") = require("./support/corpus");

jest.setTimeout(10 * 60_000);

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

const ENVIRONMENTS = ["dev", "test", "integration", "uat", "perf", "preprod", "prod"];

/** Of the cases, and of the project's environments. */
let verdicts: Verdict[];
let ofEnvironments: Verdict[];

beforeAll(async () => {
  const programs: Terraform[] = [];
  // One after another: the recorder takes one program at a time.
  for (const name of ENVIRONMENTS) programs.push(await terraformOfProgram(() => made(name), name));
  verdicts = await checkovSays(cases.map(({ samples }, i) => terraformOf(samples, `case${i}`)));
  // By themselves: some checks look for a resource anywhere, and would find those of the examples.
  ofEnvironments = await checkovSays(programs);
}, 600_000);

/** With a release, which some of them get by `promote` only. */
function made(name: string) {
  const [artifact, sha256, image] = ["s3://releases/1.0.0.tar.gz", "0".repeat(64), "ami-00000000"];
  const live = { version: "1.0.0", artifact, sha256, image, database: "none" as const };
  return environment({ ...loadEnvironmentFile(join(root, `Pulumi.${name}.yaml`)), live }, root);
}

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

test("what Checkov finds in the project's own environments is so for a reason", () => {
  const found = ofEnvironments.flatMap(({ failed }, i) =>
    [...failed].map((id) => `${id} in ${ENVIRONMENTS[i]}`),
  );
  const explained = IN_ENVIRONMENTS.flatMap(({ ids, where }) =>
    ids.flatMap((id) => where.map((name) => `${id} in ${name}`)),
  );
  expect(found.sort()).toEqual(explained.sort());
});
