import { choice, different, group, list, table, text } from "../keys";

export const promotion = group(
  "The environment's place on the way of a release. Without it nothing is promoted to here or from here.",
  {
    from: text(/^[a-z][a-z0-9-]{0,19}$/, {
      is: "Environment that releases come from. Left out, the way begins here.",
      allowed: "the name of another environment",
      example: "dev",
    }).optional(),
    evidence: list(
      choice(["smoke", "tests", "performance", "approval"], "What has to be shown.", "smoke"),
      {
        is: "What a release has to have shown here before it may go on.",
        allowed: "a list of smoke, tests, performance and approval, each once",
        example: ["smoke", "tests"],
      },
      different,
    ).default(["smoke"]),
  },
  { from: "dev", evidence: ["smoke"] },
);

export const differs = table(
  /^[a-z][A-Za-z0-9]*(\.[A-Za-z0-9_-]+)*$/,
  text(/^\S[\s\S]{9,}$/, {
    is: "Why.",
    allowed: "a sentence, 10 characters or more",
    example: "Two machines, so that a swap is tried with more than one",
  }),
  {
    is: "Settings that differ from the other environments on purpose, beyond what the size decides; see `retrofit parity`.",
    allowed: "names of settings without retrofit:, each with the reason",
    example: { "web.min": "Two machines, so that a swap is tried with more than one" },
  },
);
