import { niceCeiling } from "../html/chart";
import { renderPage } from "./page";
import { makeSeries } from "./series";
import type { Story } from "./story";
import type { Sample } from "./trace";

const samples: Sample[] = Array.from({ length: 2000 }, (_, index) => ({
  sentAt: index * 10,
  milliseconds: 5,
  status: index === 700 ? 502 : 200,
  version: index < 1000 ? "1.0.0" : "1.1.0",
}));

const story: Story = {
  trace: {
    samples,
    weights: [
      { at: -5000, weights: { "1.0.0": 100 } },
      { at: 10_000, weights: { "1.0.0": 0, "1.1.0": 100 } },
    ],
    phases: [
      { name: "environment up", startedAt: -60_000, endedAt: -1000 },
      { name: "release 1.1.0", startedAt: 2000, endedAt: 12_000 },
    ],
  },
  report: {
    requests: 2000,
    failed: 1,
    versions: { "1.0.0": 999, "1.1.0": 1000 },
    switchSeconds: 0.3,
    rollbackSeconds: 0,
    phases: [],
  },
  url: "http://127.80.0.1",
  rate: 100,
  refused: { version: "1.2.0", gate: "smoke", message: 'GET / answered <script>alert("x")</script>' },
};

test("the page needs nothing from elsewhere and shows what a gate said as text", () => {
  const page = renderPage(story);
  expect(page).not.toMatch(/<script|<link|<img|url\(|@import|src=/);
  expect(page).toContain("answered &#60;script&#62;alert");
  expect(page).toContain("prefers-color-scheme:dark");
  expect(page.match(/<svg/g)).toHaveLength(3);
});

test("the charts show every whole second, the failure at its time and only phases under load", () => {
  const series = makeSeries(story.trace);
  expect(series.seconds).toBe(19);
  expect(series.versions).toEqual(["1.0.0", "1.1.0"]);
  expect(series.perSecond[3]).toEqual([100, 0]);
  expect(series.failures).toEqual([{ at: 7.005, reason: "HTTP 502" }]);
  expect(series.weights).toEqual([
    { at: 0, percent: [100, 0] },
    { at: 10, percent: [0, 100] },
  ]);
  expect(series.phases).toEqual([{ name: "release 1.1.0", from: 2, to: 12 }]);
});

test.each([
  [268, 300],
  [250, 300],
  [7, 8],
  [1, 4],
])("an axis up to %d ends at %d, so that its four parts are round", (value, ceiling) => {
  expect(niceCeiling(value)).toBe(ceiling);
});
