import { judged } from "./check";

/** A line that has all fields, as the store keeps it. */
const line = (ingested?: string): object => ({
  "@timestamp": "2026-01-01T10:00:00.000Z",
  message: "retrofit-check-1",
  event: { dataset: "journal", ...(ingested && { ingested }) },
  host: { id: "i-1", name: "web" },
  log: { level: "info" },
  retrofit: { fleet: "blue", role: "web" },
  service: { environment: "dev", name: "system", version: "1.0.0" },
});
const writtenAt = Date.parse("2026-01-01T10:00:00.250Z") / 1000;

test("a line's way is measured up to when the store took it, however late it was looked for and whatever the time is here", () => {
  const { found, seconds, missing } = judged(line("2026-01-01T10:00:01.000Z"), writtenAt);
  expect({ found, missing }).toEqual({ found: true, missing: [] });
  expect(seconds).toBeCloseTo(0.75, 3);
  expect(judged(line("2026-01-01T10:00:00.240Z"), writtenAt).seconds).toBe(0);
});

test("a line that the store's pipeline has not seen is one without the time that it sets", () => {
  expect(judged(line(), writtenAt)).toEqual({ found: true, missing: ["event.ingested"] });
  expect(judged(undefined, writtenAt)).toEqual({ found: false, missing: [] });
});
