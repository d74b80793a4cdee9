import type { Profile } from "./profile";

const FAST_ENOUGH = { errorPercent: 1, p95: 1000 };

/** Those that every environment has. CloudWatch counts by the minute, so all but `smoke` last for several. */
export const BUILT_IN: readonly Profile[] = [
  { name: "smoke", stages: [{ seconds: 10, connections: 1 }], limits: { errorPercent: 0 } },
  { name: "steady", stages: [{ seconds: 600, rate: 50 }], limits: FAST_ENOUGH },
  {
    name: "ramp",
    stages: [10, 25, 50, 100, 200].map((rate) => ({ seconds: 180, rate })),
    limits: FAST_ENOUGH,
  },
  {
    name: "spike",
    stages: [
      { seconds: 180, rate: 20 },
      { seconds: 120, rate: 200 },
      { seconds: 300, rate: 20 },
    ],
    limits: FAST_ENOUGH,
  },
];
