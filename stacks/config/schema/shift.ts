import { decimal, different, group, list, text, whole } from "../keys";

export const shift = group(
  "How traffic moves to a new release.",
  {
    steps: list(
      whole(1, 100, "Percent of the traffic.", 10),
      {
        is: "Percent of the traffic for the new release, step by step. [100] moves all at once.",
        allowed: "whole numbers from 1 to 100 that rise and end at 100",
        example: [10, 50, 100],
      },
      (steps) => steps.at(-1) === 100 && steps.every((step, i) => i === 0 || step > steps[i - 1]!),
    ).optional(),
    waitSeconds: whole(
      0,
      3600,
      "Time after each step in which errors and latency are watched.",
      60,
    ).optional(),
    healthyPolls: whole(1, 20, "Polls in a row in which every machine has to be healthy.", 3).optional(),
    pollSeconds: whole(1, 60, "Time between two polls.", 5).optional(),
    healthTimeoutSeconds: whole(30, 3600, "How long a release may take to get healthy.", 600).optional(),
    maxErrorPercent: decimal(0, 100, "Share of 5xx answers that is still accepted.", 1).optional(),
    minRequests: whole(
      0,
      1_000_000,
      "With fewer requests in a step its share of errors is not judged.",
      20,
    ).optional(),
    maxLatencySeconds: decimal(0.001, 60, "Slowest average answer that is still accepted.", 0.5).optional(),
    alarms: list(
      text(/^\S.{0,254}$/, {
        is: "An alarm.",
        allowed: "the name of a CloudWatch alarm",
        example: "orders-stuck",
      }),
      {
        is: "CloudWatch alarms that must stay quiet during a shift.",
        allowed: "a list of different alarm names",
        example: ["orders-stuck"],
      },
      different,
    ).optional(),
  },
  { steps: [10, 50, 100] },
);
