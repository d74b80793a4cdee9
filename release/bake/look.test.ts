import { type Look, verdict } from "./look";

const limits = { maxErrorPercent: 1, minRequests: 20, maxLatencySeconds: 0.5 };
const quiet: Look = { firing: [], reading: { requests: 1000, errors: 2, latencySeconds: 0.1 } };
const alarm = { name: "orders-stuck", reason: "Threshold Crossed: 3 datapoints [7.0, 8.0, 9.0]" };

test("a release that does well stays", () => {
  expect(verdict(quiet, new Set(), limits)).toBeUndefined();
});

test("an alarm that fires speaks against it, with CloudWatch's figures", () => {
  expect(verdict({ ...quiet, firing: [alarm] }, new Set(), limits)).toBe(
    "the alarm orders-stuck fired (Threshold Crossed: 3 datapoints [7.0, 8.0, 9.0])",
  );
});

test("an alarm that fired before the release was live is not its fault", () => {
  expect(verdict({ ...quiet, firing: [alarm] }, new Set(["orders-stuck"]), limits)).toBeUndefined();
});

test("errors and slow answers speak against it once there are enough requests to tell", () => {
  const bad = { requests: 200, errors: 10, latencySeconds: 0.1 };
  expect(verdict({ firing: [], reading: bad }, new Set(), limits)).toBe(
    "10 of 200 requests failed (5.0 %, allowed 1 %)",
  );
  expect(verdict({ firing: [], reading: { ...bad, requests: 10 } }, new Set(), limits)).toBeUndefined();
  const slow = { requests: 200, errors: 0, latencySeconds: 1.25 };
  expect(verdict({ firing: [], reading: slow }, new Set(), limits)).toBe(
    "answers took 1.25 s (99th percentile, allowed 0.5 s)",
  );
});
