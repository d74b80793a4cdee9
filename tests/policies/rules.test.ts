import { rules, WAITING } from "../../policies/catalogue";
import {
  openSandbox,
  type Previewed,
  previewWithPack,
  programFolder,
  requireOf,
  stackIn,
} from "./support/engine";

// The examples alone: their own tests run beside the rules.
process.env.RETROFIT_EXAMPLES = "only";
const {
  allExamples,
  corpusPrefix,
  prefix,
}: typeof import("./support/program") = require("./support/program");
const { CORPUS }: typeof import("./support/corpus") = require("./support/corpus");

jest.setTimeout(10 * 60_000);

const examples = allExamples();
let sandbox: { folder: string; close(): Promise<void> };
let seen: Previewed;

/** Everything on, prod-like, each rule with the parameters of its examples; nothing ends the preview. */
function configuration(): Record<string, unknown> {
  return Object.fromEntries(
    examples.map(({ rule, settings }) => [
      rule.name,
      { enforcementLevel: "advisory", protected: true, ...settings },
    ]),
  );
}

/** One preview for all of them: the engine, the provider's checks and the pack as a user has them. */
beforeAll(async () => {
  sandbox = await openSandbox();
  const body = `${requireOf("tests/policies/support/program")}.run();`;
  const stack = await stackIn(programFolder(sandbox.folder, "rules", body), "examples");
  seen = await previewWithPack(stack, configuration(), sandbox.folder);
}, 600_000);

afterAll(() => sandbox?.close(), 60_000);

test("a mandatory rule stops, an advisory one does not, and one that remediates has the resource made as it should be", async () => {
  const body = `const { createExample } = ${requireOf("tests/policies/support/program")};
createExample([
  { kind: "ebs/volume", name: "disk", props: { availabilityZone: "eu-central-1a", size: 8 } },
  { kind: "s3/bucket", name: "files", props: {} },
], "");`;
  const stack = await stackIn(programFolder(sandbox.folder, "levels", body), "levels");
  const off = Object.fromEntries(rules.map(({ name }) => [name, { enforcementLevel: "disabled" }]));
  const remedied = { ...off, "encrypted-volumes": { enforcementLevel: "remediate" } };
  const advised = { ...remedied, "bucket-public-access-block": { enforcementLevel: "advisory" } };
  const passed = await previewWithPack(stack, advised, sandbox.folder);
  expect(passed).toMatchObject({ failed: false, remediated: { disk: "encrypted-volumes" } });
  expect(passed.inputs.disk).toMatchObject({ encrypted: true });
  expect(passed.findings.map(({ rule, level }) => [rule, level])).toEqual([
    ["bucket-public-access-block", "advisory"],
  ]);
  const stopped = await previewWithPack(
    stack,
    { ...advised, "bucket-public-access-block": { enforcementLevel: "mandatory" } },
    sandbox.folder,
  );
  expect(stopped.failed).toBe(true);
  expect(stopped.findings.map(({ rule, level }) => [rule, level])).toEqual([
    ["bucket-public-access-block", "mandatory"],
  ]);
});

const said = (rule: string, start: string) =>
  seen.findings
    .filter((finding) => finding.rule === rule && finding.resource.startsWith(start))
    .map(({ resource, message }) => `${resource}: ${message}`);

test("the provider takes every example as a resource that could be made", () => {
  const resources = examples
    .flatMap(({ violating, compliant }) => [...Object.values(violating), ...Object.values(compliant)])
    .concat(CORPUS.map((program) => program.resources));
  expect(seen.errors).toEqual([]);
  expect(seen.created.filter((name) => /^(bad|ok|program)\d+/.test(name))).toHaveLength(
    resources.flat().length,
  );
});

test("no rule meets a value that it cannot judge", () => {
  expect(seen.findings.filter(({ message }) => message.includes("can't run"))).toEqual([]);
});

describe.each(rules.map(({ name }, index) => ({ name, index })))(
  "on the real engine, $name",
  ({ name, index }) => {
    const { violating, compliant } = examples[index]!;

    test.each(Object.keys(violating).map((title, i) => ({ title, i })))("finds: $title", ({ i }) => {
      const judged = said(name, prefix(index, "bad", i)).filter((message) => !message.includes(WAITING));
      expect(judged).not.toEqual([]);
    });

    test.each(Object.keys(compliant).map((title, i) => ({ title, i })))("leaves alone: $title", ({ i }) => {
      expect(said(name, prefix(index, "ok", i))).toEqual([]);
    });
  },
);

describe("thirty insecure programs", () => {
  test("are thirty", () => expect(CORPUS).toHaveLength(30));

  test.each(CORPUS.map((program, i) => ({ ...program, i })))("caught: $mistake", ({ caughtBy, i }) => {
    const missed = caughtBy.filter((rule) => said(rule, corpusPrefix(i)).length === 0);
    expect(missed).toEqual([]);
  });
});
