import { ExitCode } from "../errors";
import { checkUse, withoutFigures } from "./evidence";

const problem = (kind: string, options: Parameters<typeof checkUse>[1]) => {
  try {
    checkUse(kind, options);
  } catch (error) {
    return error;
  }
  return undefined;
};

test("performance is not shown by a command that ends well: it needs a load test, or words that are kept in its place", () => {
  const refused = { exitCode: ExitCode.wrongUse, hint: expect.stringContaining("retrofit loadtest") };
  expect(problem("performance", {})).toMatchObject(refused);
  expect(problem("performance", { run: "true" })).toMatchObject(refused);
  expect(
    problem("performance", { run: "k6 run load.js", note: "p95 of 240 ms at 500 users" }),
  ).toBeUndefined();
});

test("evidence of performance by another tool says that it has no figures", () => {
  const found = { passed: true, note: "`k6 run load.js` ended with 0" };
  expect(withoutFigures(found, "p95 of 240 ms")).toEqual({
    passed: true,
    note: "no load test of retrofit's, so without figures: `k6 run load.js` ended with 0; said with it: p95 of 240 ms",
  });
});

test("tests need a command, an approval needs a name", () => {
  expect(problem("tests", {})).toMatchObject({ exitCode: ExitCode.wrongUse });
  expect(problem("tests", { run: "npm test" })).toBeUndefined();
  expect(problem("approval", {})).toMatchObject({ exitCode: ExitCode.wrongUse });
  expect(problem("approval", { by: "Ada" })).toBeUndefined();
});
