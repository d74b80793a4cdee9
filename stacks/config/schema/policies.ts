import { choice, group, list, table, text } from "../keys";

const RULE = /^[a-z][a-z0-9-]+$/;

const exception = group(
  "Leave to break a rule: for one resource, with a reason, until a day.",
  {
    rule: text(RULE, {
      is: "Name of the rule, as `retrofit policies` lists it.",
      allowed: "the name of a rule",
      example: "bucket-versioning",
    }),
    resource: text(/^\S+$/, {
      is: "Name of the resource, as `retrofit check` tells it; * stands for any text.",
      allowed: "a name, without spaces",
      example: "web-access-logs",
    }),
    reason: text(/^.{10,}$/, {
      is: "Why it is right here.",
      allowed: "a sentence, 10 characters or more",
      example: "Moves to the new bucket with release 2.0",
    }),
    expires: text(/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/, {
      is: "Last day on which it holds; after it the rule finds the resource again.",
      allowed: "a day, written as YYYY-MM-DD",
      example: "2027-03-31",
    }),
  },
  {
    rule: "bucket-versioning",
    resource: "web-access-logs",
    reason: "Moves to the new bucket with release 2.0",
    expires: "2027-03-31",
  },
);

export const policies = group(
  "How the rules of the policy pack are enforced here.",
  {
    enforcement: table(
      RULE,
      choice(
        ["mandatory", "advisory", "remediate", "disabled"],
        "How a rule is enforced; remediate corrects what it can, and is mandatory for the rest.",
        "advisory",
      ),
      {
        is: "Rules that are enforced differently from their default.",
        allowed: "names of rules, each with mandatory, advisory, remediate or disabled",
        example: { "several-instance-types": "advisory" },
      },
    ).default({}),
    exceptions: list(exception, {
      is: "Resources that may break a rule for a while.",
      allowed: "a list of exceptions, each with rule, resource, reason and expires",
      example: [],
    }).default([]),
  },
  {},
);
