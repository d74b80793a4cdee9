import { CDK_NAG_IDS, CDK_NAG_SOURCE } from "./cdk-nag";
import { COUNTERPARTS, coverage } from "./coverage";
import { rules } from "./rules";

const nag = COUNTERPARTS["cdk-nag"]!;

test("each rule that cdk-nag publishes for these services is answered, or left out for a reason, and not both", () => {
  const answered = rules.flatMap(({ ids }) => ids).filter(nag.owns);
  const leftOut = nag.without.flatMap(({ ids }) => ids);
  expect([...new Set(answered), ...leftOut].sort()).toEqual([...CDK_NAG_IDS].sort());
});

test("coverage counts against what is published, and says of when; where there is no such list it counts against nothing", () => {
  const by = Object.fromEntries(coverage().map((one) => [one.tool, one]));
  expect(by["cdk-nag"]).toMatchObject({ known: CDK_NAG_IDS.length, answered: expect.any(Number) });
  expect(by["cdk-nag"]!.answered).toBeLessThan(CDK_NAG_IDS.length);
  expect(by["cdk-nag"]!.what).toContain(CDK_NAG_SOURCE);
  expect(by.FSBP).not.toHaveProperty("known");
});

test("each id that a rule names belongs to one of the tools", () => {
  const owners = Object.values(COUNTERPARTS);
  const strays = rules.flatMap(({ ids }) => ids).filter((id) => !owners.some(({ owns }) => owns(id)));
  expect(strays).toEqual([]);
});
