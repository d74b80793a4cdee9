import { createHash } from "node:crypto";
import { matrix } from "../commands/releases";
import type { Evidence } from "./evidence";
import type { LiveRelease } from "./live-release";
import { refuseRelease, refuseWay } from "./refusals";

const content = Buffer.from("the release");
const sha256 = createHash("sha256").update(content).digest("hex");

const live = (more: Partial<LiveRelease> = {}): LiveRelease => ({
  environment: "perf",
  artifact: { bucket: "perf-artifacts", application: "shop", version: "1.4.0", sha256 },
  image: "ami-1",
  database: "none",
  serving: { weights: { "1.4.0": 100 }, healthy: { "1.4.0": 3 }, desired: { "1.4.0": 3 } },
  s3: {} as LiveRelease["s3"],
  ...more,
});
const shown = (more: Partial<Evidence> = {}): Evidence => ({
  environment: "perf",
  kind: "performance",
  version: "1.4.0",
  sha256,
  image: "ami-1",
  passed: true,
  at: "2030-01-01T00:00:00Z",
  ...more,
});
const perf = { environment: "perf", promotion: { from: "uat", evidence: ["performance" as const] } };
const refusals = (of: LiveRelease | undefined, evidence: Evidence[], found: Buffer | undefined = content) =>
  refuseRelease(perf, of, found, evidence).map(({ reason, message }) => `${reason}: ${message}`);

test("a release that serves alone, is healthy, unchanged, and has shown what is asked for may go on", () => {
  expect(refusals(live(), [shown()])).toEqual([]);
});

test.each([
  ["nothing is live", undefined, [shown()], /^live: Nothing is live in perf/],
  [
    "it shares the traffic",
    live({
      serving: { weights: { "1.4.0": 50, "1.3.0": 50 }, healthy: { "1.4.0": 3 }, desired: { "1.4.0": 3 } },
    }),
    [shown()],
    /^live: 1\.4\.0 gets 50 % of the traffic/,
  ],
  [
    "a machine is sick",
    live({ serving: { weights: { "1.4.0": 100 }, healthy: { "1.4.0": 2 }, desired: { "1.4.0": 3 } } }),
    [shown()],
    /^health: 2 of 3 machines/,
  ],
  ["it has shown nothing", live(), [], /^evidence: 1\.4\.0 has no performance evidence in perf/],
  [
    "it has shown it elsewhere",
    live(),
    [shown({ environment: "dev" })],
    /has no performance evidence in perf/,
  ],
  [
    "it did not hold",
    live(),
    [shown({ passed: false, note: "p99 of 2 s" })],
    /did not hold in perf.*p99 of 2 s/,
  ],
  [
    "other content had shown it",
    live(),
    [shown({ sha256: "0".repeat(64) })],
    /evidence in perf is of 1\.4\.0 \(000000000000…\)/,
  ],
  [
    "it was shown on another image",
    live(),
    [shown({ image: "ami-0" })],
    /is of image ami-0; the machines have ami-1/,
  ],
])("it may not where %s", (_what, of, evidence, message) => {
  const found = refusals(of, evidence);
  expect(found).toHaveLength(1);
  expect(found[0]).toMatch(message);
});

test("it may not where its artifact was changed, or is gone", () => {
  expect(refusals(live(), [shown()], Buffer.from("another"))).toEqual([
    expect.stringMatching(/^artifact: The artifact of 1\.4\.0 was changed since it went live in perf/),
  ]);
  const gone = refuseRelease(perf, live(), undefined, [shown()]);
  expect(gone).toMatchObject([
    { reason: "artifact", message: "The artifact of 1.4.0 is gone from perf-artifacts." },
  ]);
});

test("all that stands against it is told at once", () => {
  const sick = live({ serving: { weights: { "1.4.0": 100 }, healthy: {}, desired: { "1.4.0": 3 } } });
  expect(refusals(sick, [])).toHaveLength(2);
});

test("no environment is left out on the way", () => {
  const preprod = { environment: "preprod", promotion: { from: "perf", evidence: [] } };
  expect(refuseWay(perf, preprod)).toEqual([]);
  expect(refuseWay({ environment: "dev" }, preprod)[0]?.message).toMatch(
    /come to preprod from perf, not from dev/,
  );
  expect(refuseWay(preprod, { environment: "dev" })[0]?.message).toMatch(/dev is on no way/);
});

test("the matrix has the newest version first, by its numbers", () => {
  const cell = (
    environment: string,
    current: string | null,
    standby: string | null,
    evidence: string[] = [],
  ) => ({
    environment,
    up: current !== null,
    live: current,
    standby,
    evidence,
  });
  const cells = [
    cell("dev", "1.10.0", "1.9.0", ["smoke"]),
    cell("test", "1.9.0", null),
    cell("prod", null, null),
  ];
  expect(matrix(cells)).toEqual([
    "        dev           test  prod",
    "1.10.0  live (smoke)",
    "1.9.0   standby       live",
    "                            not up",
  ]);
});
