import { checked, choice, decimal, different, group, list, table, text, whole } from "../keys";

const CURRENCY = ["USD", "CNY"] as const;

export const budget = group(
  "What the environment may cost. Makes an AWS budget with alerts, and `web.max` is checked against it before anything is made.",
  {
    monthly: decimal(1, 100_000_000, "Most that a month may cost.", 500),
    currency: choice(CURRENCY, "Currency that AWS bills in; CNY in China.", "USD").default("USD"),
    alertAt: list(
      whole(1, 500, "Percent of `monthly`.", 80),
      {
        is: "Percents of `monthly` at which somebody is told.",
        allowed: "a list of up to 4 whole percents, each once",
        example: [50, 80, 100],
      },
      // One of the five alerts that a budget has is for the forecast.
      (items) => items.length <= 4 && different(items),
    ).default([50, 80, 100]),
    emails: list(
      text(/^[^\s@]+@[^\s@]+\.[^\s@]+$/, {
        is: "An address.",
        allowed: "an e-mail address",
        example: "ops@example.com",
      }),
      {
        is: "Who is told by e-mail.",
        allowed: "a list of up to 10 addresses, each once",
        example: ["ops@example.com"],
      },
      (items) => items.length <= 10 && different(items),
    ).default([]),
    topic: text(/^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]+$/, {
      is: "SNS topic that is told. Without it, and without emails, the environment gets one of its own to subscribe to.",
      allowed: "the ARN of an SNS topic",
      example: "arn:aws:sns:eu-central-1:123456789012:oncall",
    }).optional(),
  },
  { monthly: 500 },
);

export const prices = group(
  "Prices for the check of the budget, used where the AWS Pricing API cannot be reached.",
  {
    currency: choice(CURRENCY, "Currency of the prices.", "USD").default("USD"),
    source: text(/^\S[\s\S]{2,}$/, {
      is: "Where they are from; shown with every sum.",
      allowed: "a text, such as the address of the price list",
      example: "https://aws.amazon.com/ec2/pricing/on-demand/",
    }),
    date: checked((value) => (isDate(value) ? undefined : "Write it as 2026-01-31, in quotes."), {
      is: "When they were looked up; shown with every sum.",
      allowed: "a date as year-month-day",
      example: "2026-01-31",
    }),
    hourly: table(
      /^([a-z][a-z0-9-]*(\.[a-z0-9-]+){1,2}|natGateway|loadBalancer|networkLoadBalancer|interfaceEndpoint|vpnConnection)$/,
      decimal(0.000001, 1000, "Price of one for an hour.", 0.05),
      {
        is: "Price per hour by type (`t3.small`, `db.t4g.micro`, `cache.t4g.micro`, `t3.small.search`), and of `natGateway`, `loadBalancer`, `networkLoadBalancer`, `interfaceEndpoint` and `vpnConnection`.",
        allowed:
          "a group of numbers by type, natGateway, loadBalancer, networkLoadBalancer, interfaceEndpoint or vpnConnection",
        example: { "t3.small": 0.05 },
      },
    ),
    volumeGbMonth: decimal(0.000001, 100, "Price of one GB of disk for a month.", 0.1).optional(),
    databaseGbMonth: decimal(
      0.000001,
      100,
      "Price of one GB of a database's disk for a month.",
      0.1,
    ).optional(),
    searchGbMonth: decimal(
      0.000001,
      100,
      "Price of one GB of a managed log store's disk for a month.",
      0.1,
    ).optional(),
  },
  { source: "the price list", date: "2026-01-31", hourly: { "t3.small": 0.05 } },
);

/** Pulumi reads an unquoted date as a moment, and hands that on as text, in one form or another. */
function isDate(text: string): boolean {
  const day = /^(\d{4}-\d{2}-\d{2})([T ]00:00:00\b.*)?$/.exec(text)?.[1];
  const time = Date.parse(`${day}T00:00:00Z`);
  return day !== undefined && !Number.isNaN(time) && new Date(time).toISOString().startsWith(day);
}
