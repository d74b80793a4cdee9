import type { z } from "zod";
import { choice, decimal, different, flag, group, list, table, text, whole } from "../keys";

const name = (is: string, example: string) =>
  text(/^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/, {
    is,
    allowed: "lower-case letters, digits and -, at most 40",
    example,
  });

const source = group(
  "Files whose lines are shipped.",
  {
    name: name("Names the source in counts and in the field event.dataset.", "access"),
    paths: list(
      text(/^\/[^"'`*?]*\/[^"'`/]+$/, {
        is: "Files; * and ? in the last part only.",
        allowed: "an absolute path",
        example: "/var/log/shop/*.log",
      }),
      { is: "Which files.", allowed: "a list with at least one path", example: ["/var/log/shop/*.log"] },
      (paths) => paths.length > 0,
    ),
    application: name("Whose lines these are. Default: the environment's application.", "shop").optional(),
    format: choice(
      ["plain", "json"],
      "`json`: a line is an object with level, time and message.",
      "plain",
    ).optional(),
    startsWith: text(/^[^'\n]+$/, {
      is: "Begin of a message that goes over many lines, such as a stack trace: a regular expression.",
      allowed: "a regular expression without '",
      example: "^\\d{4}-",
    }).optional(),
    rateLimit: whole(
      1,
      1_000_000,
      "Lines per second; what is beyond is not sent and is counted.",
      1000,
    ).optional(),
  },
  { name: "access", paths: ["/var/log/shop/*.log"] },
);

const download = (is: string, file: string) =>
  group(
    is,
    {
      url: text(/^https?:\/\/\S+$/, {
        is: "Where machines fetch it: a mirror of your own, on port 80 or 443.",
        allowed: "http(s)://host/path",
        example: `https://mirror.example.com/${file}`,
      }),
      sha256: text(/^[0-9a-f]{64}$/, {
        is: "SHA-256 of the file; nothing else is used.",
        allowed: "64 hex digits in lower case",
        example: "0123456789abcdef".repeat(4),
      }),
    },
    { url: `https://mirror.example.com/${file}`, sha256: "0123456789abcdef".repeat(4) },
  );

const selfHosted = group(
  "A store on machines of your own, in place of Amazon OpenSearch Service. Debian has none of its programs.",
  {
    opensearch: download(
      "OpenSearch 2 for Linux with its JDK and the security plugin.",
      "opensearch-2.19.1-linux-x64.tar.gz",
    ),
    plugins: list(download("A plugin.", "repository-s3-2.19.1.zip"), {
      is: "Plugins beside those of the archive; repository-s3 for snapshots.",
      allowed: "a list of groups with url and sha256",
      example: [],
    }).optional(),
    dashboards: download(
      "OpenSearch Dashboards.",
      "opensearch-dashboards-2.19.1-linux-x64.tar.gz",
    ).optional(),
    logstash: download(
      "Logstash with the output for OpenSearch, for senders that speak Beats.",
      "logstash-oss-with-opensearch-output-plugin-8.9.0-linux-x64.tar.gz",
    ).optional(),
    instanceType: text(/^[a-z0-9-]+\.[a-z0-9-]+$/, {
      is: "Type of its machines; half of the memory is OpenSearch's heap. Default m6i.large.",
      allowed: "an instance type such as m6i.large",
      example: "m6i.large",
    }).optional(),
    syslog: flag(
      "Take syslog over TCP, port 6514, from `viewers`, for appliances that can do nothing else. Without TLS or a sign-in.",
      false,
    ).optional(),
    replaceNodes: choice(
      ["green", "always"],
      "`green`: a node is replaced only while the store is whole. `always`: for a store that only another configuration brings back.",
      "green",
    ).optional(),
  },
  {},
);

export const logs = group(
  "Central logs: a store of the environment's own, or another's. Without this key lines stay on the machines; {} takes all defaults.",
  {
    store: group(
      "The store of another environment. Without it the environment has its own.",
      {
        endpoint: text(/^https:\/\/[^\s"'`/]+$/, {
          is: "Where it is.",
          allowed: "https://… without a path",
          example: "https://logs.example.com",
        }),
        secret: text(/^arn:aws[a-z-]*:secretsmanager:\S+$/, {
          is: "Secret with username and password, for setup, `retrofit logs` and the release gate; without `writerSecret` for machines, too.",
          allowed: "ARN of a secret",
          example: "arn:aws:secretsmanager:eu-central-1:123456789012:secret:logs-AbCdEf",
        }),
        writerSecret: text(/^arn:aws[a-z-]*:secretsmanager:\S+$/, {
          is: "Secret with username and password that machines get: `logs.writerSecretArn` among the outputs of the environment that has the store. Setup makes its user, who may write lines and nothing else.",
          allowed: "ARN of a secret",
          example: "arn:aws:secretsmanager:eu-central-1:123456789012:secret:logs-writer-AbCdEf",
        }).optional(),
        nodes: whole(1, 90, "Its data nodes; more than one stores each line twice.", 3),
        ca: text(/^-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\n]+\n-----END CERTIFICATE-----\s*$/, {
          is: "What its certificate is checked with, where it runs on machines: `logs.ca` among the outputs of the environment that has it.",
          allowed: "one certificate in PEM",
          example: "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
        }).optional(),
      },
      {},
    ).optional(),
    selfHosted: selfHosted.optional(),
    dailyGb: decimal(0.01, 10_000, "Text of log lines on a usual day, in GB.", 1).optional(),
    retentionDays: whole(1, 3650, "Days that a line can be found.", 14).optional(),
    instanceType: text(/^[a-z0-9]+\.[a-z0-9]+\.search$/, {
      is: "Type of the store's nodes; decides most of its bill.",
      allowed: "an OpenSearch instance type such as t3.small.search",
      example: "t3.small.search",
    }).optional(),
    nodes: whole(
      1,
      90,
      "Data nodes: 1, 2, 3 or a multiple of 3; of your own machines 1, or 3 to 30.",
      3,
    ).optional(),
    storageGb: whole(
      10,
      24_576,
      "Disk of each node. Default: what volume and retention need.",
      40,
    ).optional(),
    viewers: list(
      text(/^\d+\.\d+\.\d+\.\d+\/\d+$/, {
        is: "A network.",
        allowed: "a private network such as 10.20.0.0/16",
        example: "10.20.0.0/16",
      }),
      {
        is: "Private networks that may reach the dashboards and search, such as the office behind the VPN.",
        allowed: "a list of private networks, each once",
        example: ["10.20.0.0/16"],
      },
      different,
    ).optional(),
    format: choice(["plain", "json"], "What the application writes to its output.", "plain").optional(),
    sources: list(source, {
      is: "Files to ship beside the journal, which holds the application's output and everything of the system.",
      allowed: "a list of groups with name and paths",
      example: [],
    }).optional(),
    carryIn: group(
      "Lines of CloudWatch that go into the stream of the machines' own lines. Cost: a call of a function for each batch.",
      {
        flowLogs: flag("The flow logs of the environment's network.", true).optional(),
        logGroups: table(
          /^[a-z][a-z0-9-]{0,19}$/,
          text(/^[A-Za-z0-9_./#-]{1,512}$/, {
            is: "Name of a log group.",
            allowed: "the name of a log group that exists",
            example: "/aws/rds/instance/shop/postgresql",
          }),
          {
            is: "Log groups that exist, by a short name.",
            allowed: "names of log groups by short names of lower-case letters, digits and -",
            example: { database: "/aws/rds/instance/shop/postgresql" },
          },
        ).optional(),
      },
      { flowLogs: true },
    ).optional(),
    bufferMb: whole(
      8,
      102_400,
      "Room on each machine's disk for what the store has not taken yet.",
      512,
    ).optional(),
    whenFull: choice(
      ["block", "drop"],
      "When the room is used up: `block` leaves lines in files and journal, `drop` leaves them out and counts them.",
      "block",
    ).optional(),
    gate: flag("Turn a release away that writes more errors than the serving one.", true).optional(),
    alarmTopics: list(
      text(/^arn:aws[a-z-]*:sns:\S+$/, {
        is: "A topic.",
        allowed: "ARN of an SNS topic",
        example: "arn:aws:sns:eu-central-1:123456789012:ops",
      }),
      { is: "Topics that are told of trouble with the store.", allowed: "a list of ARNs", example: [] },
    ).optional(),
  },
  { dailyGb: 1 },
);

export type LogsSettings = z.output<typeof logs>;
