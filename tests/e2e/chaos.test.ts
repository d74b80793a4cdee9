/** A short choice of `npm run test:chaos`: a release killed where most is left behind, in mid-shift, and one that hangs there. */
import { type ChaosReport, choose, runChaos } from "../chaos/run";

jest.setTimeout(20 * 60_000);

const NAMES = ["group made (abort)", "at 50 %", "rollback while hanging"];
let report: ChaosReport;
const told: string[] = [];

beforeAll(async () => {
  report = await runChaos(choose(NAMES.join()), (line) => told.push(line));
  if (report.failed > 0 || report.points.some(({ recovered }) => !recovered)) console.error(told.join("\n"));
});

test.each(NAMES)("%s: not one request fails, and the next command leaves what the file declares", (at) => {
  expect(report.points.find((point) => point.at === at)).toEqual({
    at,
    failed: 0,
    recovered: true,
    after: expect.stringContaining("live (as before)"),
  });
});

test("scripts can rely on the report's shape", () => {
  expect(Object.keys(report)).toEqual(["points", "failed"]);
  for (const point of report.points)
    expect(Object.keys(point)).toEqual(["at", "failed", "recovered", "after"]);
  expect(() => choose("at 50 %,nowhere")).toThrow("There is no point nowhere");
  expect(new Set(choose(undefined).map(({ at }) => at)).size).toBe(choose(undefined).length);
});
