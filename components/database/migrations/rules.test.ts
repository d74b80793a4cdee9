import { readFileSync } from "node:fs";
import { join } from "node:path";
import { classify, readMigrations, rules, withRuleTable } from ".";

const bytes = (text: string) => Buffer.from(text, "utf8");

describe.each([...rules.values()])("the rule $id", (rule) => {
  test("judges its own example as the table in the documentation says", async () => {
    const { migrations, problems } = readMigrations([
      { path: "V1__before.sql", content: bytes(rule.after ?? "") },
      { path: "V2__example.sql", content: bytes(rule.example) },
    ]);
    expect(problems).toEqual([]);
    const { pending } = await classify(migrations, { applied: new Set(["V1__before.sql"]) });
    const found = pending[0]!.findings;
    expect(found.map((finding) => finding.rule)).toContain(rule.id);
    const own = found.find((finding) => finding.rule === rule.id)!;
    expect({ class: own.class, blocks: own.blocks, never: own.never }).toEqual({
      class: rule.class,
      blocks: rule.blocks,
      never: rule.never,
    });
    // Nothing else in an example may be worse, or the row would show something that it is not about.
    const others = found.filter((finding) => finding.rule !== rule.id);
    if (!rule.never)
      expect(others.filter((finding) => finding.never || finding.class === "breaking")).toEqual([]);
    expect(pending[0]!.transactional).toBe(!(rule.alone || rule.id === "not-alone"));
  });

  test("says what happens, and how to do better where that is needed", () => {
    expect(rule.why).toMatch(/\.$/);
    if (rule.class === "breaking" || rule.blocks) expect(rule.advice).toMatch(/\.$/);
  });
});

test("the documentation holds exactly the rules that are applied", () => {
  const text = readFileSync(join(__dirname, "../../../docs/database-changes.md"), "utf8");
  expect(withRuleTable(text)).toBe(text);
});
