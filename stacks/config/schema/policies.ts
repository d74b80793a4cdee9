import { choice, group, list, notEmpty, table, text, whole } from "../keys";

const RULE = /^[a-z][a-z0-9-]+$/;

const reason = text(/^.{10,}$/, {
  is: "Why it is right here.",
  allowed: "a sentence, 10 characters or more",
  example: "Moves to the new bucket with release 2.0",
});

const expires = text(/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/, {
  is: "Last day on which it holds; after it the rule is as it was.",
  allowed: "a day, written as YYYY-MM-DD",
  example: "2027-03-31",
});

const relaxed = group(
  "A rule that is enforced less than by default, for a reason, until a day.",
  {
    rule: text(RULE, {
      is: "Name of the rule, as `retrofit policies` lists it.",
      allowed: "the name of a rule",
      example: "web-application-firewall",
    }),
    to: choice(["advisory", "disabled"], "How it is enforced until then.", "advisory"),
    reason,
    expires,
  },
  {
    rule: "web-application-firewall",
    to: "advisory",
    reason: "Its owner decides with the next budget",
    expires: "2027-03-31",
  },
);

const patterns = (is: string, example: string) =>
  list(
    text(/^[a-z0-9.*{},-]+$/, {
      is: "A name.",
      allowed: "a name, with * for any text and {a,b} for either",
      example,
    }),
    { is, allowed: "a list with at least one name", example: [example] },
    notEmpty,
  ).optional();

const allowed = group(
  "Sizes over those that the environment's size allows (stacks/sizes.ts).",
  {
    machineTypes: patterns("EC2 types that any machine may be of, beside those of the size.", "c7i.8xlarge"),
    databaseClasses: patterns(
      "Classes of databases, session stores and search nodes, beside those of the size.",
      "db.r7g.8xlarge",
    ),
    machines: whole(
      1,
      500,
      "Most machines of one fleet, in place of the size's number: 10 in small, 50 in full.",
      80,
    ).optional(),
  },
  { machineTypes: ["c7i.8xlarge"] },
);

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
    reason,
    expires,
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
        "mandatory",
      ),
      {
        is: "Rules that are enforced more than by default; what is enforced less stands under `relaxed`.",
        allowed: "names of rules, each with mandatory, advisory, remediate or disabled",
        example: { "several-instance-types": "mandatory" },
      },
    ).default({}),
    relaxed: list(relaxed, {
      is: "Rules that are enforced less than by default for a while.",
      allowed: "a list of groups with rule, to, reason and expires",
      example: [],
    }).default([]),
    exceptions: list(exception, {
      is: "Resources that may break a rule for a while.",
      allowed: "a list of exceptions, each with rule, resource, reason and expires",
      example: [],
    }).default([]),
    allowed: allowed.optional(),
    images: group(
      "Images that machines may start from. `retrofit check` looks up those that the file names, and those that are kept from earlier updates.",
      {
        owners: list(
          text(/^\d{12}$/, { is: "An account.", allowed: "12 digits, in quotes", example: "123456789012" }),
          { is: "Accounts that may own them.", allowed: "a list of accounts", example: ["123456789012"] },
          notEmpty,
        ).optional(),
        days: whole(1, 3650, "Days that an image may be old.", 180).optional(),
      },
      { days: 180 },
    ).optional(),
  },
  {},
);
