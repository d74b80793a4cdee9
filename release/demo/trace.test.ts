import {
  countVersions,
  distinctChanges,
  isFailure,
  type Move,
  rollbackSeconds,
  type Sample,
  segments,
  switchSeconds,
  type Trace,
} from "./trace";

/** A request every 100 ms, each answered after 20 ms by whoever serves at that time. Times in seconds. */
function load(from: number, to: number, serving: (second: number) => string): Sample[] {
  const samples: Sample[] = [];
  for (let tenth = Math.round(from * 10); tenth < to * 10; tenth++) {
    samples.push({ sentAt: tenth * 100, milliseconds: 20, status: 200, version: serving(tenth / 10) });
  }
  return samples;
}

const weights = (at: number, old: number, next: number) => ({
  at: at * 1000,
  weights: { "1.0.0": old, "1.1.0": next },
});

/** 10 % at 40 s, half at 50.5 s, all at 61 s; the former version answers its last request half a second later. */
const release: Trace = {
  samples: load(0, 100, (second) =>
    second < 61.5 ? (second > 40 && Math.round(second * 10) % 2 ? "1.1.0" : "1.0.0") : "1.1.0",
  ),
  weights: [
    weights(-30, 100, 0),
    weights(40, 90, 10),
    weights(50.5, 50, 50),
    weights(61, 0, 100),
    weights(61.6, 0, 100),
  ],
  phases: [],
};
const move: Move = { from: "1.0.0", to: "1.1.0", startedAt: 5000, endedAt: 70_000 };

test("the switch is measured from the first weight change to the former version's last answer, without the held steps", () => {
  // Last answer of 1.0.0: sent at 61.4 s, answered at 61.42 s; begun at 40 s, two steps held for 10 s each.
  expect(switchSeconds(release, move, 10)).toBeCloseTo(1.42, 5);
});

test("a switch all at once has no held steps to leave out", () => {
  const trace = { ...release, weights: [weights(-30, 100, 0), weights(61, 0, 100)] };
  expect(switchSeconds(trace, move, 10)).toBeCloseTo(0.42, 5);
});

test("a switch without traffic on the former version takes no time, and none is measured without a change", () => {
  expect(switchSeconds({ ...release, samples: load(0, 100, () => "1.1.0") }, move, 10)).toBe(0);
  expect(switchSeconds({ ...release, weights: [weights(-30, 100, 0)] }, move, 10)).toBe(0);
});

test("the rollback is measured from the command to the last answer of the version rolled back", () => {
  const samples = load(0, 60, (second) => (second < 33.05 ? "1.1.0" : "1.0.0"));
  const back: Move = { from: "1.1.0", to: "1.0.0", startedAt: 30_000, endedAt: 50_000 };
  expect(rollbackSeconds({ samples, weights: [], phases: [] }, back)).toBeCloseTo(3.02, 5);
});

test("the timeline has one row per change of the weights, and every request is in exactly one", () => {
  const rows = segments(release);
  expect(rows.map(({ weights: share }) => share["1.1.0"])).toEqual([0, 10, 50, 100]);
  expect(rows.map(({ startedAt }) => startedAt / 1000)).toEqual([0, 40, 50.5, 61]);
  const served = rows
    .flatMap(({ served: byVersion }) => Object.values(byVersion))
    .reduce((sum, n) => sum + n, 0);
  expect(served).toBe(release.samples.length);
});

test("the engine's last write of the same weights is no change", () => {
  expect(distinctChanges(release.weights)).toHaveLength(4);
});

test("errors, missing answers and anything but 2xx and 3xx are failures and count for no version", () => {
  const sample = (status: number): Sample => ({ sentAt: 0, milliseconds: 1, status, version: "1.0.0" });
  expect(
    [0, 199, 200, 204, 301, 399, 400, 404, 500, 503].filter((status) => isFailure(sample(status))),
  ).toEqual([0, 199, 400, 404, 500, 503]);
  expect(countVersions([sample(200), sample(503), sample(0)])).toEqual({ "1.0.0": 1 });
});
