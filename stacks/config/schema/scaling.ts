import { decimal, group, table, text, whole } from "../keys";

const metric = group(
  "A number of the application's own in CloudWatch that goes down when machines are added.",
  {
    namespace: text(/^[\w./#:-]{1,255}$/, {
      is: "Namespace of the number.",
      allowed: "letters, digits and . - _ / # :",
      example: "Shop",
    }),
    name: text(/^[\x21-\x7e][\x20-\x7e]{0,254}$/, {
      is: "Name of the number.",
      allowed: "a name of up to 255 characters",
      example: "JobsWaitingPerMachine",
    }),
    dimensions: table(
      /^[\x21-\x7e]{1,255}$/,
      text(/^[\x21-\x7e][\x20-\x7e]{0,1023}$/, {
        is: "Value of the dimension.",
        allowed: "a text",
        example: "orders",
      }),
      {
        is: "Dimensions of the number; with others it is another number.",
        allowed: "a group of texts",
        example: { Queue: "orders" },
      },
    ).optional(),
    statistic: text(/^(Average|Sum|Minimum|Maximum|SampleCount|p\d{1,2}(\.\d+)?)$/, {
      is: "What is made of the values of a minute.",
      allowed: "Average, Sum, Minimum, Maximum, SampleCount or a percentile such as p90",
      example: "Average",
    }).default("Average"),
    target: decimal(0.001, 1e12, "Value above which a machine is added.", 25),
  },
  { namespace: "Shop", name: "JobsWaitingPerMachine", target: 25 },
);

export const scaling = group(
  "What the number of machines follows, one machine at a time. It replaces the default as a whole; {} turns scaling off.",
  {
    cpuPercent: whole(10, 90, "Average processor use above which a machine is added.", 60).optional(),
    requestsPerTarget: whole(
      1,
      1_000_000,
      "Requests per minute and machine above which a machine is added.",
      1000,
    ).optional(),
    metric: metric.optional(),
    cooldownSeconds: group(
      "Rest after a machine was added or taken away.",
      {
        out: whole(
          0,
          3600,
          "After one was added: until it carries its share and the numbers show it. Without it 180.",
          180,
        ).optional(),
        in: whole(0, 3600, "After one was taken away. Without it 300.", 300).optional(),
      },
      { out: 180, in: 300 },
    ).optional(),
    idlePercent: whole(
      10,
      95,
      "A machine is taken away when the others would stay below this percent of every target for ten minutes. Without it 75.",
      75,
    ).optional(),
  },
  { cpuPercent: 60 },
);
