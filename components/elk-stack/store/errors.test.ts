import { errorRise } from "./errors";

const counts = (release: [number, number], serving: [number, number]) => ({
  "1.1.0": { errors: release[0], lines: release[1] },
  "1.0.0": { errors: serving[0], lines: serving[1] },
});

test("a release that writes more errors than the serving one is named, with the numbers", () => {
  expect(errorRise(counts([30, 100], [1, 1000]), "1.1.0")).toBe(
    "30 of 100 log lines of 1.1.0 are errors (30.0 %), those of the serving release 0.1 %.",
  );
});

test.each<[string, [number, number], [number, number]]>([
  ["as many errors as the serving one, such as of a broken database", [30, 100], [300, 1000]],
  ["a single error", [1, 1], [0, 1000]],
  ["errors that are few among its lines", [6, 1000], [0, 1000]],
])("a release with %s goes on", (_, release, serving) => {
  expect(errorRise(counts(release, serving), "1.1.0")).toBeUndefined();
});

test("a release that has written nothing yet goes on", () => {
  expect(errorRise({ "1.0.0": { errors: 5, lines: 10 } }, "1.1.0")).toBeUndefined();
});
