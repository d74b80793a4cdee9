import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { GetMetricDataCommand, MetricDataQuery } from "@aws-sdk/client-cloudwatch";
import type { Sample } from "../demo/trace";
import { answersOf, missedLimits } from "./answers";
import { BUILT_IN } from "./built-in";
import { checkProfile } from "./check-profile";
import { compare, describeRatio } from "./compare";
import { inProportion } from "./drive";
import { renderLoadtest } from "./page";
import { loadProfile } from "./profile";
import { type LayerReading, readLayers, readWhenThere, windowOf } from "./read-figures";
import type { LoadtestResult } from "./result";

describe("a profile", () => {
  const folder = mkdtempSync(join(tmpdir(), "retrofit-profile-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const written = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };

  test("is one of those that there are, or a file of one's own, which gives it its name", () => {
    expect(loadProfile("ramp")).toBe(BUILT_IN.find(({ name }) => name === "ramp"));
    const file = written(
      "checkout.yaml",
      "stages: [{ seconds: 60, rate: 20 }]\nrequests:\n  - { path: /cart, method: POST, body: '{}', weight: 3 }\n  - path: /\n",
    );
    expect(loadProfile(file)).toEqual({
      name: "checkout",
      stages: [{ seconds: 60, rate: 20 }],
      requests: [
        { path: "/cart", method: "POST", body: "{}", weight: 3 },
        { path: "/", method: "GET", weight: 1 },
      ],
      limits: {},
    });
  });

  test("that does not exist, or is no YAML, is told with what there is", () => {
    expect(() => loadProfile("stedy")).toThrow('There is no profile "stedy", and no such file.');
    expect(() => loadProfile(written("bad.yaml", "stages: ["))).toThrow(/bad\.yaml cannot be read: /);
  });

  test("tells all of its mistakes at once, with what is allowed", () => {
    const wrong = {
      stages: [{ seconds: 0, rate: 20, connections: 3 }, { seconds: 10 }],
      requests: [{ path: "cart", method: "get", weight: 0.5 }],
      limits: { p95: "fast", p42: 1 },
      duration: 5,
    };
    let said = "";
    try {
      checkProfile("wrong.yaml", wrong);
    } catch (error) {
      said = (error as Error).message;
    }
    expect(said.split("\n").filter((line) => !line.includes("→"))).toEqual([
      "wrong.yaml has 9 mistakes:",
      "  duration: got 5; allowed: stages, requests, limits",
      '  stages[0]: got {"seconds":0,"rate":20,"connections":3}; allowed: either rate or connections',
      "  stages[0].seconds: got 0; allowed: a whole number from 1 to 86,400",
      '  stages[1]: got {"seconds":10}; allowed: either rate or connections',
      '  requests[0].path: got "cart"; allowed: a path that begins with /',
      '  requests[0].method: got "get"; allowed: GET, POST, PUT, PATCH, DELETE, HEAD',
      "  requests[0].weight: got 0.5; allowed: a whole number from 1 to 100",
      "  limits.p42: got 1; allowed: errorPercent, p50, p95, p99, answersPerSecond",
      '  limits.p95: got "fast"; allowed: a number from 0 to 1,000,000',
    ]);
    expect(() => checkProfile("empty.yaml", null)).toThrow(
      /the file: got null; allowed: an object with stages/,
    );
  });

  test("mixes its requests by their weights, and evenly", () => {
    const request = (path: string, weight: number) => ({ path, weight, method: "GET" as const });
    const paths = (offset: number) =>
      inProportion([request("/a", 3), request("/b", 1)], offset).map(({ path }) => path);
    expect(paths(0)).toEqual(["/a", "/a", "/b", "/a"]);
    expect(paths(5)).toEqual(["/a", "/b", "/a", "/a"]);
  });
});

const answered = (milliseconds: number, status = 200): Sample => ({ sentAt: 0, milliseconds, status });
const samples = [...Array.from({ length: 98 }, (_, i) => answered(i + 1)), answered(5, 502), answered(9, 0)];

test("answers are counted, and their times are those of the good ones", () => {
  expect(answersOf(samples, 10)).toEqual({
    ...{ requests: 100, failed: 2, errorPercent: 2, answersPerSecond: 9.8 },
    ...{ p50: 50, p95: 94, p99: 98, failures: { "HTTP 502": 1, "HTTP 0": 1 } },
  });
});

test("what misses a limit is told with both figures, and nothing holds where nothing was answered", () => {
  const answers = answersOf(samples, 10);
  expect(missedLimits(answers, { errorPercent: 2, p95: 94, answersPerSecond: 9 })).toEqual([]);
  expect(missedLimits(answers, { errorPercent: 1, p99: 80, answersPerSecond: 20 })).toEqual([
    "2 of 100 requests failed (2.0 %, allowed 1 %)",
    "p99 98 ms, allowed 80 ms",
    "9.8 answers per second, asked for 20",
  ]);
  expect(missedLimits(answersOf([], 10), {})).toEqual(["nothing was sent"]);
  expect(missedLimits(answersOf([answered(1, 0)], 10), { p95: 10 })).toEqual([
    "p95 without an answer, allowed 10 ms",
  ]);
});

test("the window is of whole periods within the load, or of those that a short one touches", () => {
  expect(windowOf(61, 310, 60)).toEqual({ from: 120, to: 300, periodSeconds: 60 });
  expect(windowOf(125, 170, 60)).toEqual({ from: 120, to: 180, periodSeconds: 60 });
});

describe("the figures of a layer", () => {
  const window = { from: 0, to: 120, periodSeconds: 60 };
  /** Answers of CloudWatch by `<dimension's value> <metric>`. */
  const cloudWatch = (answers: Record<string, number[]>) => ({
    send: async ({ input }: GetMetricDataCommand) => ({
      MetricDataResults: input.MetricDataQueries!.map(({ Id, MetricStat }: MetricDataQuery) => {
        const { Metric } = MetricStat!;
        const Values = answers[`${Metric!.Dimensions![0]!.Value} ${Metric!.MetricName}`] ?? [];
        return { Id, Values, Timestamps: Values.map((_, i) => new Date(i * 60_000)) };
      }),
    }),
  });
  const node = (name: string) => ({ CacheClusterId: name });
  const read = (answers: Record<string, number[]>) =>
    readLayers(
      { cloudWatch: cloudWatch(answers) as never },
      { sessions: { namespace: "AWS/ElastiCache", dimensions: [node("a"), node("b")] } },
      window,
    );

  test("are those of its busiest node, in the units that people know", async () => {
    const { values, series } = await read({
      "a EngineCPUUtilization": [10, 20],
      "b EngineCPUUtilization": [50, 70],
      "a SuccessfulReadRequestLatency": [400, 600],
      "a Evictions": [2, 3],
      "b Evictions": [0, 0],
    });
    expect(values).toEqual({ sessions: { cpu: 60, readLatency: 0.5, evictions: 5 } });
    expect(series.sessions?.cpu).toEqual([
      { at: 0, value: 50 },
      { at: 60, value: 70 },
    ]);
  });

  test("are read again until the last period is there, and given as they are when the time is over", async () => {
    let now = 0;
    const wait = {
      ...{ seconds: 60, pollSeconds: 10, now: () => now },
      sleep: async (seconds: number) => {
        now += seconds;
      },
    };
    const late = (from: number) => async () =>
      read({ "a EngineCPUUtilization": now >= from ? [10, 20] : [10] });
    await readWhenThere(late(30), window, wait);
    expect(now).toBe(30);
    const given = await readWhenThere(late(1000), window, wait);
    expect([now, given.values]).toEqual([90, { sessions: { cpu: 10 } }]);
  });
});

const result: LoadtestResult = {
  ...{ environment: "perf", version: "1.4.0", seconds: 2, passed: false, missed: ["p95 <b>900</b> ms"] },
  ...{ at: "2030-01-01T12:00:00.000Z", profile: { name: "steady", stages: [], limits: {} } },
  answers: { ...answersOf(samples, 10), p95: 94 },
  figures: { machines: { cpu: 40 }, database: { cpu: 0 }, loadBalancer: { requests: 100 } },
  verdict: { bottleneck: null, also: [], missing: [] },
};

test("a run is compared with the last one in what both have, and nothing is divided by 0", () => {
  const now = {
    ...result,
    answers: { ...result.answers, p95: 188 },
    figures: { machines: { cpu: 40 }, database: { cpu: 30 }, sessions: { cpu: 5 } },
  };
  const compared = compare(result, now);
  const text = (figure: string) => {
    const found = compared.find((each) => each.figure === figure);
    return found && [found.last, found.now, describeRatio(found)];
  };
  expect(text("p95")).toEqual(["94 ms", "188 ms", "2 × last time"]);
  expect(text("machines: CPU")).toEqual(["40 %", "40 %", "as last time"]);
  expect(text("database: CPU")).toEqual(["0 %", "30 %", ""]);
  expect(text("session store: engine CPU")).toBeUndefined();
});

test("the page needs nothing from elsewhere, shows texts as texts, and says what is missing", () => {
  const trace = {
    samples: samples.map((sample, i) => ({ ...sample, sentAt: i * 20, version: "1.4.0" })),
    phases: [{ name: "5 users", startedAt: 0, endedAt: 2000 }],
  };
  const series: LayerReading["series"] = { machines: { cpu: [{ at: 0, value: 40 }] } };
  const page = renderLoadtest({
    ...{ url: "http://perf.example", trace, series, periodSeconds: 60, compared: [] },
    result: { ...result, verdict: { bottleneck: null, also: [], missing: ["session store: no figures"] } },
  });
  expect(page).not.toMatch(/<script|<link|src=|<b>900/);
  expect(page).toContain("Not there to read: session store: no figures.");
  expect(page).toContain("machines: CPU");
  expect(page).toContain("This is the first of this profile.");
});
