import { networkFix } from "../formats";
import { checked, group, list, someDifferent, text, urlPath, whole } from "../keys";
import { scaling } from "./scaling";
import { cron, timeZone } from "./times";

const schedule = group(
  "Sizes of the fleet from a point in time on.",
  {
    name: text(/^[a-z][a-z0-9-]{0,30}$/, {
      is: "Name, different for each schedule.",
      allowed: "lower-case letters, digits and hyphens, at most 31, beginning with a letter",
      example: "night",
    }),
    cron: cron("When: minute, hour, day of the month, month, day of the week.", "0 20 * * 1-5"),
    timeZone: timeZone("Time zone of `cron`.").default("Etc/UTC"),
    min: whole(0, 500, "Smallest number of machines; 0 lets the environment sleep.", 0),
    max: whole(0, 500, "Largest number of machines, at most `web.max`.", 0),
    desired: whole(0, 500, "Number of machines at that moment.", 0).optional(),
  },
  { name: "night", cron: "0 20 * * 1-5", min: 0, max: 0 },
);

const healthCheck = group(
  "How the load balancer tells whether a machine can take requests.",
  {
    intervalSeconds: whole(5, 300, "Time between two checks.", 10).optional(),
    timeoutSeconds: whole(2, 120, "How long an answer may take; less than the interval.", 5).optional(),
    healthyThreshold: whole(2, 10, "Good answers in a row until a machine gets requests.", 2).optional(),
    unhealthyThreshold: whole(2, 10, "Bad answers in a row until it gets none.", 2).optional(),
    path: urlPath("Asked instead of `application.healthPath`.", "/healthz").optional(),
  },
  { intervalSeconds: 10 },
);

export const web = group(
  "The load balancer and the machines behind it.",
  {
    instanceType: text(/^[a-z][a-z0-9-]*\.(nano|micro|small|medium|large|\d*xlarge|metal(-\d+xl)?)$/, {
      is: "Size of one machine; decides most of the bill.",
      allowed: "an EC2 instance type such as t3.small",
      example: "t3.small",
    }).optional(),
    min: whole(1, 500, "Smallest number of machines; at least 2 where protected.", 2).optional(),
    max: whole(1, 500, "Largest number of machines: the ceiling of the bill.", 4).optional(),
    scaling: scaling.optional(),
    schedules: list(schedule, {
      is: "Other sizes at certain times.",
      allowed: "a list of schedules",
      example: [{ name: "night", cron: "0 20 * * 1-5", min: 0, max: 0 }],
    }).optional(),
    certificateArn: text(/^arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate\/[0-9a-f-]{36}$/, {
      is: "Certificate of the load balancer. With it port 443 answers and 80 redirects; without it only plain HTTP.",
      allowed: "the ARN of an ACM certificate",
      example: "arn:aws:acm:eu-central-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef",
    }).optional(),
    clients: list(
      checked((cidr) => networkFix(cidr, 0), {
        is: "A network.",
        allowed: "an IPv4 network",
        example: "203.0.113.0/24",
      }),
      {
        is: "Networks that may reach ports 80 and 443.",
        allowed: "a list of at least one network, each once",
        example: ["203.0.113.0/24"],
      },
      someDifferent,
    ).optional(),
    testers: list(
      checked((cidr) => networkFix(cidr, 8), {
        is: "A network.",
        allowed: "an IPv4 network from /8 to /32: the test listener is never open to the world",
        example: "203.0.113.0/24",
      }),
      {
        is: "Networks that may reach the test listener, where a release answers before it is live. Name the one that releases are made from: their smoke tests go this way.",
        allowed: "a list of at least one network, each once",
        example: ["203.0.113.0/24"],
      },
      someDifferent,
    ),
    testPort: whole(1024, 65535, "Port of the test listener.", 8443).optional(),
    healthCheck: healthCheck.optional(),
    deregistrationDelaySeconds: whole(
      0,
      3600,
      "How long a machine that leaves may finish its requests.",
      30,
    ).optional(),
    volumeSizeGb: whole(8, 16384, "Disk of one machine, encrypted.", 20).optional(),
  },
  { testers: ["203.0.113.0/24"] },
);
