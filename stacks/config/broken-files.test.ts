import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EnvironmentConfigError, loadEnvironmentFile } from "../config";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "retrofit-config-"));
  mkdirSync(join(folder, "app"));
  writeFileSync(join(folder, "notes.txt"), "");
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What a user reads when this is their `Pulumi.dev.yaml`. */
function messageFor(text: string, name = "dev"): string {
  const file = join(folder, `Pulumi.${name}.yaml`);
  writeFileSync(file, text);
  try {
    loadEnvironmentFile(file);
  } catch (error) {
    if (error instanceof EnvironmentConfigError) return error.message;
    throw error;
  }
  return "no mistake";
}

/** Where the mistakes are, one for each. */
function placesOf(message: string): string[] {
  return [...message.matchAll(/^ {2}(?:line \d+, )?(\S+?): /gm)].map(([, place]) => place!);
}

const HEAD = `config:
  aws:region: eu-central-1
  retrofit:size: small
  retrofit:application: { name: shop, command: node server.js }
`;
const VALID = `${HEAD}  retrofit:web: { testers: [10.0.0.0/8] }\n`;

test("a valid file has nothing to complain about", () => {
  expect(messageFor(VALID)).toBe("no mistake");
  expect(messageFor(VALID.replaceAll("\n", "\r\n"))).toBe("no mistake");
});

test("two applications that would write into one stream of a shared store are told apart by name", () => {
  const place =
    "endpoint: 'https://logs', secret: 'arn:aws:secretsmanager:eu-central-1:1:secret:l', nodes: 1";
  const shared = `${VALID}  retrofit:logs: { store: { ${place} } }\n`;
  const other = join(folder, "Pulumi.review-dev.yaml");
  writeFileSync(other, `${shared}  retrofit:network: { cidr: 10.77.0.0/16 }\n`);
  const own = shared.replace("name: shop", "name: shop-review");
  expect(messageFor(shared)).toBe("no mistake");
  expect(messageFor(own)).toContain(
    'retrofit:logs.store: got "logs-shop-review-dev", which review-dev writes into',
  );
  rmSync(other);
});

describe("the complete message of a broken Pulumi.dev.yaml", () => {
  test("several mistakes of different kinds are told at once, each with its line", () => {
    const text = `${HEAD}  retrofit:web:
    min: 5
    max: 3
    tester: [10.0.0.0/8]
    testers: [0.0.0.0/0]
    instanceType: huge
`;
    expect(messageFor(text)).toBe(`Pulumi.dev.yaml has 4 mistakes:
  line 7, retrofit:web.max: got min 5 and max 3; allowed: min no larger than max
    → Set max to 5 or more, or min to 3 or less.
  line 8, retrofit:web.tester: not a known key; allowed: instanceType, min, max, scaling, schedules, certificateArn, clients, testers, testPort, healthCheck, deregistrationDelaySeconds, volumeSizeGb
    → Rename it to testers.
  line 9, retrofit:web.testers[0]: got "0.0.0.0/0"; allowed: an IPv4 network from /8 to /32: the test listener is never open to the world
    → Name your own networks, each /8 or narrower.
  line 10, retrofit:web.instanceType: got "huge"; allowed: an EC2 instance type such as t3.small
    → Write for example instanceType: t3.small`);
  });

  test("an empty file", () => {
    expect(messageFor("# nothing yet\n")).toBe(`Pulumi.dev.yaml has a mistake:
  config: the file is empty; allowed: the group that holds every retrofit: key
    → Write config: on a line of its own and the keys below it, indented by two spaces.`);
  });

  test("a tab as indentation", () => {
    expect(messageFor("config:\n\taws:region: eu-central-1\n")).toBe(`Pulumi.dev.yaml has a mistake:
  line 2, YAML: got "\\taws:region: eu-central-1"; allowed: spaces for indentation
    → Replace the tab by two spaces.`);
  });

  test("broken YAML", () => {
    expect(messageFor(`${VALID}  retrofit:shift: { steps: [10, 100 }\n`)).toMatch(
      /^Pulumi\.dev\.yaml has a mistake:\n {2}line 6, YAML: got " {2}retrofit:shift: .*; allowed: valid YAML\n {4}→ The reader says: \S.*$/,
    );
  });

  test("the same key twice", () => {
    expect(messageFor(`${VALID}  retrofit:size: full\n`)).toBe(`Pulumi.dev.yaml has a mistake:
  line 6, YAML: got "  retrofit:size: full"; allowed: each key once
    → Remove one of the two.`);
  });

  test("everything needed is missing: each is named with an example", () => {
    expect(messageFor("config:\n  retrofit:protected: false\n")).toBe(`Pulumi.dev.yaml has 4 mistakes:
  line 1, aws:region: missing; allowed: an AWS region such as eu-central-1
    → Add aws:region: eu-central-1
  line 1, retrofit:size: missing; allowed: small or full
    → Add it, for example retrofit:size: small
  line 1, retrofit:application: missing; allowed: a group with name, command, port, packages, environment, healthPath, smoke
    → Add it, for example retrofit:application: { name: shop, command: node server.js }
  line 1, retrofit:web: missing; allowed: a group with instanceType, min, max, scaling, schedules, certificateArn, clients, testers, testPort, healthCheck, deregistrationDelaySeconds, volumeSizeGb
    → Add it, for example retrofit:web: { testers: [ 203.0.113.0/24 ] }`);
  });

  test("an exception from a rule without a reason, and for ever", () => {
    const text = `${VALID}  retrofit:policies:
    enforcement: { bucket-versioning: off }
    exceptions:
      - { rule: bucket-lifecycle, resource: files, reason: later, expires: never }
    relaxed:
      - { rule: bucket-tls-only, to: mandatory }
    allowed: { machineTypes: [M6I.LARGE], machines: 0 }
`;
    expect(placesOf(messageFor(text))).toEqual([
      "retrofit:policies.enforcement.bucket-versioning",
      "retrofit:policies.exceptions[0].reason",
      "retrofit:policies.exceptions[0].expires",
      "retrofit:policies.relaxed[0].to",
      "retrofit:policies.relaxed[0].reason",
      "retrofit:policies.relaxed[0].expires",
      "retrofit:policies.allowed.machineTypes[0]",
      "retrofit:policies.allowed.machines",
    ]);
  });

  test("keys without a namespace, or in one that is misspelt", () => {
    const text = `${VALID}  netwrok: { zones: 3 }\n  retofit:shift: { steps: [100] }\n  aws:profile: me\n`;
    expect(messageFor(text)).toBe(`Pulumi.dev.yaml has 2 mistakes:
  line 6, netwrok: a key without a namespace; allowed: retrofit:<key>, or a provider's own such as aws:region
    → Rename it to retrofit:network.
  line 7, retofit:shift: got the namespace "retofit"; allowed: retrofit
    → Rename it to retrofit:shift.`);
  });

  test("settings outside of config", () => {
    expect(messageFor(`${VALID}retrofit:shift: { steps: [100] }\n`)).toBe(`Pulumi.dev.yaml has a mistake:
  line 6, retrofit:shift: not a known key; allowed: config, environment, secretsprovider, encryptedkey, encryptionsalt
    → Move it below config:, indented by two spaces.`);
  });

  test("numbers in quotes and texts without", () => {
    const text = `${HEAD.replace("server.js }", "server.js, environment: { DEBUG: 1 } }")}  retrofit:web: { testers: [10.0.0.0/8], min: "2" }
  retrofit:protected: nope
`;
    expect(messageFor(text)).toBe(`Pulumi.dev.yaml has 3 mistakes:
  line 4, retrofit:application.environment.DEBUG: got 1; allowed: a text
    → Put it in quotes: DEBUG: "1"
  line 5, retrofit:web.min: got "2"; allowed: a whole number from 1 to 500
    → Take the quotes away: min: 2
  line 6, retrofit:protected: got "nope"; allowed: true or false
    → Write for example retrofit:protected: true`);
  });

  test("releases that cannot be released", () => {
    const text = `${VALID}  retrofit:live: { version: 1.0.0, artifact: s3://bucket/app.tar.gz, image: ami-1 }
  retrofit:standby: { version: 1.0.0, artifact: nowhere, database: harmless }
`;
    expect(messageFor(text)).toBe(`Pulumi.dev.yaml has 5 mistakes:
  line 6, retrofit:live.image: got "ami-1"; allowed: ami- and 8 to 17 hexadecimal digits
    → Write for example image: ami-0123456789abcdef0
  line 6, retrofit:live.sha256: missing; allowed: 64 hexadecimal digits, required with an s3:// artifact
    → Add the SHA-256 of the published artifact: each machine checks what it fetched.
  line 7, retrofit:standby.database: got "harmless"; allowed: none, additive or breaking
    → Write for example database: additive
  line 7, retrofit:standby.version: got "1.0.0"; allowed: a version other than that of retrofit:live
    → Name the former release here, or remove retrofit:standby.
  line 7, retrofit:standby.artifact: got "nowhere", which does not exist; allowed: a folder or a .tar.gz, relative to the project
    → Correct the path, or build the release first.`);
  });

  test("secrets are refused and never repeated", () => {
    const text = HEAD.replace(
      "server.js }",
      "server.js, environment: { DB_PASSWORD: hunter2, API_KEY: { secure: v1:abcdef }, MAIL_SECRET: /shop/mail } }",
    );
    const message = messageFor(`${text}  retrofit:web: { testers: [10.0.0.0/8] }\n`);
    expect(message).not.toMatch(/hunter2|abcdef/);
    expect(message).toBe(`Pulumi.dev.yaml has 2 mistakes:
  line 4, retrofit:application.environment.API_KEY: got an encrypted value; allowed: plain values only: they end in launch templates, which many may read
    → Keep the secret in Secrets Manager and write its ARN here; the application reads it by its role.
  line 4, retrofit:application.environment.DB_PASSWORD: got what looks like a secret; allowed: the ARN of a secret or the path of a parameter
    → Keep the value in Secrets Manager and write its ARN here; the application reads it by its role.`);
  });

  test("a file that is not there names those that are", () => {
    writeFileSync(join(folder, "Pulumi.dev.yaml"), VALID);
    expect(() => loadEnvironmentFile(join(folder, "Pulumi.dve.yaml"))).toThrow(`Pulumi.dve.yaml has a mistake:
  Pulumi.dve.yaml: not found; allowed: an environment with a file: dev`);
  });
});

describe("an environment among the others", () => {
  const among = (text: string, name?: string) => {
    writeFileSync(join(folder, "Pulumi.prod.yaml"), `${VALID}  retrofit:network: { cidr: 10.20.0.0/16 }\n`);
    const message = messageFor(text, name);
    rmSync(join(folder, "Pulumi.prod.yaml"));
    return message;
  };

  test("has a network that overlaps no other's, whether it is written or the default", () => {
    expect(among(`${VALID}  retrofit:network: { cidr: 10.20.128.0/20 }\n`)).toMatch(
      /retrofit:network.cidr: got "10.20.128.0\/20"; allowed: a network that no other environment has; prod has 10.20.0.0\/16/,
    );
    expect(among(VALID)).toBe("no mistake");
  });

  test("takes releases from one that exists and is another", () => {
    expect(among(`${VALID}  retrofit:promotion: { from: prd }\n`)).toMatch(
      /retrofit:promotion.from: got "prd", which has no file; allowed: another environment: prod/,
    );
    expect(among(`${VALID}  retrofit:promotion: { from: dev }\n`)).toContain("which is this environment");
  });

  test("neither sleeps nor ends where it is protected", () => {
    const hours = "retrofit:hours: { start: 0 7 * * *, stop: 0 19 * * *, timeZone: Europe/Berlin }";
    const full = VALID.replace("size: small", "size: full");
    const message = messageFor(`${full}  ${hours}\n  retrofit:expires: 2030-01-31T18:00Z\n`);
    expect(placesOf(message)).toEqual(["retrofit:hours", "retrofit:expires"]);
    expect(messageFor(`${VALID}  ${hours}\n  retrofit:expires: 2030-01-31T18:00Z\n`)).toBe("no mistake");
  });
});

describe("links to other systems", () => {
  const linked = (...links: string[]) =>
    `${VALID}  retrofit:links:\n${links.map((link) => `    - { ${link} }\n`).join("")}`;

  test("say what their kind needs, and nothing else", () => {
    const message = messageFor(
      linked("name: erp, kind: peering, port: 443, host: 10.200.0.4, service: com.amazonaws.x"),
    );
    expect(placesOf(message)).toEqual([
      "retrofit:links[0].cidr",
      "retrofit:links[0].vpcId",
      "retrofit:links[0].service",
    ]);
    expect(message).toContain("with kind peering: host, vpcId, cidr");
    expect(message).toContain("Remove service from erp.");
  });

  test("have names of their own, networks that there are, and peers that can be told from here", () => {
    const message = messageFor(
      linked(
        "name: erp, kind: standIn, port: 443, host: stand-in.example, cidr: 10.9.0.0/16",
        "name: erp, kind: vpn, port: 443, host: 192.168.1.2, network: legacy",
        "name: tax, kind: peering, port: 443, host: 10.0.5.1, vpcId: vpc-0123456789abcdef0, cidr: 10.0.0.0/20",
      ),
    );
    expect(placesOf(message)).toEqual([
      "retrofit:links[1].name",
      "retrofit:links[1].network",
      "retrofit:links[2].cidr",
    ]);
  });
});

describe("what is refused, one key at a time, with the change to make", () => {
  test.each([
    ["network.cidr", "network: { cidr: 10.0.1.0/16 }", "Write the first address of the block"],
    ["network.cidr", "network: { cidr: 8.8.0.0/16 }", "Take a block inside"],
    ["network.zones", "network: { zones: 7 }", "Write for example zones: 2"],
    ["network.zones", "network: { zones: 1 }", "Write for example zones: 2"],
    ["network.zones", "network: { cidr: 10.0.0.0/24, zones: 3 }", "Set zones to 2"],
    ["network.nat", "network: { nat: one }", "Write for example nat: single"],
    ["network.interfaceEndpoints", "network: { interfaceEndpoints: [ssm, ssm] }", "secretsmanager"],
    ["network.flowLogs.retentionDays", "network: { flowLogs: { retentionDays: 10 } }", "retentionDays: 30"],
    ["network.testers", "network: { testers: [10.0.0.0/8] }", "it is known as retrofit:web.testers"],
    ["shift.steps", "shift: { steps: [50, 10, 100] }", "steps: [ 10, 50, 100 ]"],
    ["shift.steps", "shift: { steps: [10, 50] }", "steps: [ 10, 50, 100 ]"],
    ["shift.steps", "shift: { steps: [] }", "steps: [ 10, 50, 100 ]"],
    [
      "shift.healthTimeoutSeconds",
      "shift: { healthTimeoutSeconds: 30, pollSeconds: 20 }",
      "lower healthyPolls",
    ],
    ["promotion.evidence[0]", "promotion: { evidence: [speed] }", "Write for example smoke"],
    ["promotion.from", "promotion: { from: Dev }", "from: dev"],
    ["differs.web.min", "differs: { web.min: why }", "Two machines"],
    [
      "hours.start",
      "hours: { start: 7, stop: 0 19 * * *, timeZone: Europe/Berlin }",
      "Write for example start: 0 7",
    ],
    ["expires", "expires: tomorrow", "2030-12-24T18:00Z"],
    ["permissionsBoundary", "permissionsBoundary: ci-boundary", "arn:aws:iam::"],
    ["machines.tool", "machines: { tool: salt }", "tool: puppet"],
    ["machines.folder", "machines: { folder: /etc/puppet }", "folder: machines"],
    [
      "machines.settings.Profile::Base",
      'machines: { settings: { "Profile::Base": 1 } }',
      "profile::journal::max_mb",
    ],
    ["deployment", "deployment: rolling", "retrofit:deployment: blueGreen"],
    ["keep.standby", "keep: { standby: cold }", "standby: hot"],
    ["keep.machines", "keep: { standby: warm, machines: 3 }", "Set machines to 2 or less"],
    ["keep.bakeSeconds", "keep: { bakeSeconds: -1 }", "bakeSeconds: 300"],
    ["shift.alarms", "shift: { alarms: orders-stuck }", "alarms: [ orders-stuck ]"],
    ["database.instanceClass", "database: { instanceClass: t4g.micro }", "instanceClass: db.t4g.micro"],
    ["database.name", "database: { name: My-Shop }", "name: shop"],
    ["database.engineVersion", "database: { engineVersion: '9.6' }", 'engineVersion: "16"'],
    [
      "database.maxStorageGb",
      "database: { storageGb: 200, maxStorageGb: 100 }",
      "Set maxStorageGb to 200 or more.",
    ],
    ["database.storageGb", "database: { storageGb: 200 }", "Set maxStorageGb to 200 or more."],
    [
      "database.replicas",
      "database: { sharding: { maxAcu: 64 }, replicas: 1 }",
      "Remove replicas, or remove sharding.",
    ],
    [
      "database.sharding.minAcu",
      "database: { sharding: { minAcu: 128, maxAcu: 64 } }",
      "Set minAcu to 64 or less.",
    ],
    ["database.sharding.maxAcu", "database: { sharding: {} }", "maxAcu: 64"],
    [
      "database.parameters.log_lock_waits",
      "database: { parameters: { log_lock_waits: 1 } }",
      "log_lock_waits",
    ],
    ["database.kmsKey", "database: { kmsKey: alias/shop }", "arn:aws:kms:"],
    [
      "database.kmsKey",
      "database: { kmsKey: arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab }",
      "Name a key of eu-central-1.",
    ],
    ["database.restoreFrom", "database: { restoreFrom: 1-snapshot }", "restoreFrom: shop-before-1-4-0"],
    [
      "logs.storageGb",
      "logs: { storageGb: 20, dailyGb: 5, retentionDays: 30 }",
      "Give each node 270 GB, or keep lines for 1 day.",
    ],
    ["logs.viewers[0]", "logs: { viewers: [0.0.0.0/0] }", "name the office's network"],
    ["logs.nodes", "logs: { nodes: 4 }", "Use 3 for an environment that is to survive the loss of a zone."],
    ["logs.instanceType", "logs: { instanceType: t3.small }", "instanceType: t3.small.search"],
    [
      "logs.store.endpoint",
      "logs: { store: { endpoint: 'http://logs', secret: 'arn:aws:secretsmanager:eu-central-1:1:secret:l', nodes: 1 } }",
      "endpoint: https://logs.example.com",
    ],
    [
      "logs.sources[0].startsWith",
      "logs: { sources: [{ name: a, paths: [/var/log/a.log], startsWith: '(' }] }",
      "Correct it",
    ],
    [
      "logs.sources[0].name",
      "logs: { sources: [{ name: journal, paths: [/var/log/a.log] }] }",
      "name it after its files",
    ],
    [
      "logs.sources[0].application",
      "logs: { sources: [{ name: a, paths: [/var/log/a.log], application: system }] }",
      "Name the application as its release is named.",
    ],
    [
      "logs.sources[0].application",
      "docker: { instanceType: m6i.large, containers: [{ name: a, image: 'r/a@sha256:SUM', memoryMb: 64, cpus: 0.5 }] }\n  retrofit:logs: { sources: [{ name: a, paths: [/var/log/a.log], application: containers }] }".replace(
        "SUM",
        "a".repeat(64),
      ),
      "logs-containers-dev is the stream of the Docker hosts' containers",
    ],
    [
      "logs.selfHosted.syslog",
      "logs: { selfHosted: { syslog: true, opensearch: { url: 'https://mirror/o.tar.gz', sha256: SUM } } }".replace(
        "SUM",
        "a".repeat(64),
      ),
      "Name the networks of the appliances in logs.viewers",
    ],
    ["logs.sources[0].paths", "logs: { sources: [{ name: a, paths: [] }] }", "/var/log/shop/*.log"],
    [
      "logs.store.writerSecret",
      "logs: { store: { endpoint: 'https://logs', secret: 'arn:aws:secretsmanager:eu-central-1:1:secret:l', writerSecret: logs-writer, nodes: 1 } }",
      "secret:logs-writer-AbCdEf",
    ],
    [
      "logs.store.writerSecret",
      "logs: { store: { endpoint: 'https://logs', secret: 'arn:aws:secretsmanager:eu-central-1:1:secret:l', writerSecret: 'arn:aws:secretsmanager:eu-central-1:1:secret:l', nodes: 1 } }",
      "Name the output logs.writerSecretArn",
    ],
    [
      "logs.store.ca",
      "logs: { store: { endpoint: 'https://logs', secret: 'arn:aws:secretsmanager:eu-central-1:1:secret:l', nodes: 1, ca: logs.pem } }",
      "BEGIN CERTIFICATE",
    ],
    ["logs.selfHosted.opensearch", "logs: { selfHosted: {} }", "https://mirror.example.com/opensearch"],
    [
      "logs.selfHosted.opensearch.sha256",
      "logs: { selfHosted: { opensearch: { url: 'https://mirror/o.tar.gz', sha256: latest } } }",
      "0123456789abcdef",
    ],
    [
      "logs.selfHosted.opensearch.url",
      `logs: { selfHosted: { opensearch: { url: 'https://mirror/o.tar.gz;id', sha256: ${"a".repeat(64)} } } }`,
      "Put the archive on a mirror",
    ],
    [
      "logs.nodes",
      `logs: { nodes: 2, selfHosted: { opensearch: { url: 'https://mirror/o.tar.gz', sha256: ${"a".repeat(64)} } } }`,
      "Use 3",
    ],
    [
      "logs.selfHosted",
      `logs: { store: { endpoint: 'https://logs', secret: 'arn:aws:secretsmanager:eu-central-1:1:secret:l', nodes: 1 }, selfHosted: { opensearch: { url: 'https://mirror/o.tar.gz', sha256: ${"a".repeat(64)} } } }`,
      "Leave out selfHosted",
    ],
    [
      "logs.carryIn.logGroups.b",
      "logs: { carryIn: { logGroups: { a: /aws/rds/one, b: /aws/rds/one } } }",
      "every line would be stored twice",
    ],
    [
      "logs.carryIn",
      "logs: { store: { endpoint: 'https://logs', secret: 'arn:aws:secretsmanager:eu-central-1:1:secret:l', nodes: 1 }, carryIn: { flowLogs: true } }",
      "in the file of that environment",
    ],
    ["logs.whenFull", "logs: { whenFull: oldest }", "whenFull: block"],
    ["sessions.nodeType", "sessions: { nodeType: t4g.micro }", "nodeType: cache.t4g.micro"],
    ["sessions.tokenGeneration", "sessions: { tokenGeneration: 0 }", "tokenGeneration: 1"],
    ["sessions.engineVersion", "sessions: { engineVersion: 6.0 }", 'engineVersion: "8.0"'],
    [
      "live.database",
      "live: { version: 1.0.0, artifact: app, database: additive }",
      "Add retrofit:database: {} with what the database is to be",
    ],
    ["maintenance", "maintenance: { timeZone: Europe/Berlin }", "at least one window"],
    [
      "maintenance.timeZone",
      "maintenance: { timeZone: CEST+1, weekly: [{ days: [sun], from: 02:00, to: 04:00 }] }",
      "Europe/Berlin",
    ],
    ["maintenance.weekly", "maintenance: { weekly: [] }", "02:00"],
    [
      "maintenance.weekly[0].days[0]",
      "maintenance: { weekly: [{ days: [sunday], from: 02:00, to: 04:00 }] }",
      "sun",
    ],
    [
      "maintenance.weekly[0].from",
      "maintenance: { weekly: [{ days: [sun], from: 24:00, to: 04:00 }] }",
      "02:00",
    ],
    [
      "maintenance.once[0].from",
      "maintenance: { once: [{ from: 2030-12-24 02:00, to: 2030-12-24T05:00Z }] }",
      "2030-12-24T02:00+01:00",
    ],
    [
      "maintenance.once[0].to",
      "maintenance: { once: [{ from: 2030-12-24T05:00Z, to: 2030-12-24T02:00Z }] }",
      "Correct the one or the other",
    ],
    ["migrations.folder", "migrations: { folder: /etc }", "folder: migrations"],
    ["migrations.baseline", "migrations: { baseline: v7 }", "7"],
    ["standby", "standby: { version: 1.0.0, artifact: app }", "Rename it to retrofit:live"],
    ["live", "live: 1.0.0", "retrofit:live: { version: 1.0.0, artifact: sample/releases/1.0.0 }"],
    ["live.artifact", "live: { version: 1.0.0, artifact: notes.txt }", "Correct the path"],
    ["live.artifact", "live: { version: 1.0.0, artifact: /opt/app }", "artifact: sample/releases/1.0.0"],
    ["live.artifact", "live: { version: 1.0.0, artifact: https://a/b }", "artifact: sample/releases/1.0.0"],
    ["live.version", "live: { version: 1.0, artifact: app }", "version: 1.4.2"],
    [
      "live.sha256",
      "live: { version: 1.0.0, artifact: s3://bucket/a, sha256: abc }",
      "Write for example sha256",
    ],
  ])("%s in %s", (key, line, fix) => {
    const message = messageFor(`${VALID}  retrofit:${line}\n`);
    expect(placesOf(message)).toEqual([`retrofit:${key}`]);
    expect(message).toContain(fix);
  });

  test.each([
    ["min", "min: 3", "Set max to 3 or more"],
    ["min", "min: 0", "min: 2"],
    ["clients", "clients: []", "clients: [ 203.0.113.0/24 ]"],
    ["clients[0]", "clients: [2001:db8::/32]", "Write an address and a prefix length"],
    ["testPort", "testPort: 8080", "Set testPort to 8443"],
    ["testPort", "testPort: 443", "testPort: 8443"],
    ["healthCheck.timeoutSeconds", "healthCheck: { timeoutSeconds: 5 }", "Set intervalSeconds higher"],
    ["certificateArn", "certificateArn: my-certificate", "certificateArn: arn:aws:acm:"],
    [
      "certificateArn",
      "certificateArn: arn:aws:acm:us-east-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef",
      "Request the certificate in eu-central-1",
    ],
    ["schedules[0].cron", "schedules: [{ name: a, cron: 0 20 * *, min: 0, max: 0 }]", "Write five fields"],
    ["schedules[0].cron", "schedules: [{ name: a, cron: 0 24 * * *, min: 0, max: 0 }]", "Correct the hour"],
    [
      "schedules[0].timeZone",
      "schedules: [{ name: a, cron: 0 2 * * *, min: 0, max: 0, timeZone: CET+1 }]",
      "Europe/Berlin",
    ],
    ["schedules[0].max", "schedules: [{ name: a, cron: 0 2 * * *, min: 0, max: 9 }]", "Set max to 2 or less"],
    ["schedules[0].min", "schedules: [{ name: a, cron: 0 2 * * *, min: 2, max: 1 }]", "Set max to 2 or more"],
    [
      "schedules[0].desired",
      "schedules: [{ name: a, cron: 0 2 * * *, min: 0, max: 1, desired: 2 }]",
      "leave it out",
    ],
    [
      "schedules[1].name",
      "schedules: [{ name: a, cron: 0 2 * * *, min: 0, max: 1 }, { name: a, cron: 0 3 * * *, min: 0, max: 1 }]",
      "Rename it, for example to a-2",
    ],
  ])("web.%s in web: { %s }", (key, content, fix) => {
    const message = messageFor(`${HEAD}  retrofit:web: { testers: [10.0.0.0/8], ${content} }\n`);
    expect(placesOf(message)).toEqual([`retrofit:web.${key}`]);
    expect(message).toContain(fix);
  });

  test.each([
    ["smoke", "smoke: []", "smoke: [ { path: /, status: 200 } ]"],
    ["healthPath", "healthPath: healthz", "healthPath: /healthz"],
    ["environment.PORT", 'environment: { PORT: "1" }', "set port in retrofit:application"],
    ["environment.1X", "environment: { 1X: a }", "Rename it"],
    ["port", "port: 80", "port: 8080"],
  ])("application.%s in application: { %s }", (key, content, fix) => {
    const message = messageFor(VALID.replace("server.js }", `server.js, ${content} }`));
    expect(placesOf(message)).toEqual([`retrofit:application.${key}`]);
    expect(message).toContain(fix);
  });

  test("an environment's name that AWS names cannot carry", () => {
    expect(messageFor(VALID, "Dev_1")).toContain(`environment: got "Dev_1"; allowed: lower-case letters`);
  });
});

describe("deployment in place", () => {
  test("needs room for two machines, and keeps no standby machines", () => {
    const text = `${HEAD}  retrofit:web: { testers: [10.0.0.0/8], max: 1 }
  retrofit:deployment: inPlace
  retrofit:keep: { standby: warm }
  retrofit:live: { version: 1.0.0, artifact: app, database: breaking }
  retrofit:database: {}
`;
    expect(messageFor(text)).toBe(`Pulumi.dev.yaml has 3 mistakes:
  line 5, retrofit:web.max: got max 1; allowed: 2 or more with deployment: inPlace, so that another machine serves while one is updated
    → Set max to 2 or more, or write retrofit:deployment: blueGreen.
  line 7, retrofit:keep.standby: got "warm"; allowed: none with deployment: inPlace, where the machines that serve are all there are
    → Remove standby, or write retrofit:deployment: blueGreen.
  line 8, retrofit:live.database: got "breaking"; allowed: none or additive with deployment: inPlace, where both releases serve side by side for a while
    → Change the database in additive steps, or write retrofit:deployment: blueGreen.`);
  });
});

describe("a protected environment", () => {
  const full = VALID.replace("size: small", "size: full");

  test("runs published artifacts only", () => {
    const message = messageFor(`${full}  retrofit:live: { version: 1.0.0, artifact: app }\n`);
    expect(placesOf(message)).toEqual(["retrofit:live.artifact"]);
    expect(message).toContain("Release it to another environment first");
  });

  test("keeps two machines at any time", () => {
    const web = "min: 1, schedules: [{ name: night, cron: 0 22 * * *, min: 0, max: 2 }]";
    const message = messageFor(full.replace("[10.0.0.0/8]", `[10.0.0.0/8], ${web}`));
    expect(placesOf(message)).toEqual(["retrofit:web.min", "retrofit:web.schedules[0].min"]);
  });

  test("of the small size needs more than its defaults", () => {
    const message = messageFor(`${VALID}  retrofit:protected: true\n`);
    expect(message).toContain(
      "line 6, retrofit:protected: got min 1 (default of small) in a protected environment",
    );
  });
});

describe("budgets and prices that could not be checked against one another", () => {
  const PRICES = 'source: list, date: "2026-01-31", hourly: { t3.small: 0.05 }';
  test.each([
    ["retrofit:budget.monthly", "retrofit:budget: { monthly: 0 }", "monthly: 500"],
    ["retrofit:budget.currency", "retrofit:budget: { monthly: 9, currency: EUR }", "USD or CNY"],
    [
      "retrofit:budget.alertAt",
      "retrofit:budget: { monthly: 9, alertAt: [1, 2, 3, 4, 5] }",
      "up to 4 whole percents",
    ],
    ["retrofit:budget.emails[0]", "retrofit:budget: { monthly: 9, emails: [ops] }", "an e-mail address"],
    ["retrofit:budget.topic", "retrofit:budget: { monthly: 9, topic: oncall }", "the ARN of an SNS topic"],
    [
      "retrofit:prices.source",
      'retrofit:prices: { date: "2026-01-31", hourly: {} }',
      "Add it, for example source:",
    ],
    [
      "retrofit:prices.date",
      "retrofit:prices: { source: list, date: yesterday, hourly: {} }",
      "2026-01-31, in quotes",
    ],
    [
      "retrofit:prices.date",
      'retrofit:prices: { source: list, date: "2026-02-30", hourly: {} }',
      "2026-01-31, in quotes",
    ],
    [
      "retrofit:prices.date",
      'retrofit:prices: { source: list, date: "2999-01-01", hourly: {} }',
      "the day on which",
    ],
    [
      "retrofit:prices.hourly.huge",
      'retrofit:prices: { source: list, date: "2026-01-31", hourly: { huge: 1 } }',
      "huge",
    ],
    [
      "retrofit:prices.currency",
      `retrofit:budget: { monthly: 9 }\n  retrofit:prices: { currency: CNY, ${PRICES} }`,
      "USD, the currency of retrofit:budget",
    ],
  ])("%s of %s", (place, content, text) => {
    const message = messageFor(`${VALID}  ${content}\n`);
    expect(placesOf(message)).toEqual([place]);
    expect(message).toContain(text);
  });

  test("a date without quotes is one, as YAML readers differ on it", () => {
    expect(messageFor(`${VALID}  retrofit:prices: { ${PRICES.replaceAll('"', "")} }\n`)).toBe("no mistake");
    // What `pulumi stack init` makes of it when it writes the file anew.
    const rewritten = PRICES.replace("2026-01-31", "2026-01-31 00:00:00 +0000 UTC");
    expect(messageFor(`${VALID}  retrofit:prices: { ${rewritten} }\n`)).toBe("no mistake");
  });
});

test.each([
  ["scaling.metric.target", "metric: { namespace: Shop, name: Waiting }", "Add it, for example target: 25"],
  [
    "scaling.metric.statistic",
    "metric: { namespace: Shop, name: Waiting, target: 1, statistic: Mean }",
    "p90",
  ],
  ["scaling.cooldownSeconds.out", "cpuPercent: 60, cooldownSeconds: { out: -1 }", "0 to 3600"],
  ["scaling.idlePercent", "cpuPercent: 60, idlePercent: 100", "10 to 95"],
  ["scaling", "idlePercent: 50", "Add for example cpuPercent: 60"],
])("a fleet that could not be scaled as %s says", (place, content, text) => {
  const message = messageFor(`${HEAD}  retrofit:web: { testers: [10.0.0.0/8], scaling: { ${content} } }\n`);
  expect(placesOf(message)).toEqual([`retrofit:web.${place}`]);
  expect(message).toContain(text);
});

test("rules about two keys stay silent where one of them is wrong already", () => {
  const message = messageFor(`${HEAD}  retrofit:web: { testers: [10.0.0.0/8], min: 5, max: many }\n`);
  expect(placesOf(message)).toEqual(["retrofit:web.max"]);
  const sizeless = VALID.replace("size: small", "size: medium").replace(
    "[10.0.0.0/8]",
    "[10.0.0.0/8], min: 5",
  );
  expect(placesOf(messageFor(sizeless))).toEqual(["retrofit:size"]);
});

test("a wrong item and a wrong list are both told", () => {
  const message = messageFor(`${VALID}  retrofit:shift: { steps: [0, 50, 40] }\n`);
  expect(placesOf(message)).toEqual(["retrofit:shift.steps[0]", "retrofit:shift.steps"]);
});

describe("retrofit:vpn", () => {
  const NET = "  retrofit:network: { cidr: 10.20.0.0/16 }\n";
  const office = (more: string) => `${VALID}${NET}  retrofit:vpn: { peers: [{ name: office, ${more} }] }\n`;
  const NETWORKS = "networks: [{ name: legacy, cidr: 192.168.50.0/24 }]";

  test("a file with an office has nothing to complain about", () => {
    expect(messageFor(office(`address: 198.51.100.2, ${NETWORKS}`))).toBe("no mistake");
  });

  test.each([
    [
      "a private address",
      `address: 192.168.0.1, ${NETWORKS}`,
      "retrofit:vpn.peers[0].address",
      "That address is private",
    ],
    [
      "a network inside of the VPC",
      "address: 198.51.100.2, networks: [{ name: legacy, cidr: 10.20.1.0/24 }]",
      "retrofit:vpn.peers[0].networks[0].cidr",
      "overlaps the VPC, 10.20.0.0/16",
    ],
    [
      "a weak group without its word",
      `address: 198.51.100.2, ${NETWORKS}, tunnels: { phase1: { groups: [2] } }`,
      "retrofit:vpn.peers[0].tunnels.phase1.groups",
      '"oldGroups"',
    ],
    [
      "a key in the file",
      `address: 198.51.100.2, ${NETWORKS}, presharedKeys: notAnArn`,
      "retrofit:vpn.peers[0].presharedKeys",
      "service",
    ],
    ["no networks and no ASN", "address: 198.51.100.2", "retrofit:vpn.peers[0].networks", "or give asn"],
    [
      "the same name twice",
      `address: 198.51.100.2, ${NETWORKS} }, { name: office, address: 198.51.100.3, asn: 65010`,
      "retrofit:vpn.peers[1].name",
      "office-2",
    ],
    [
      "a word that there is not",
      `address: 198.51.100.2, ${NETWORKS}, loosen: [md5]`,
      "retrofit:vpn.peers[0].loosen[0]",
      "group14",
    ],
  ])("%s is told at its key", (_, more, place, says) => {
    const message = messageFor(office(more));
    expect(placesOf(message)).toEqual([place]);
    expect(message).toContain(says);
  });

  test("an opening for a network that nobody named", () => {
    const message = messageFor(
      `${VALID}${NET}  retrofit:vpn:\n    peers: [{ name: office, address: 198.51.100.2, ${NETWORKS} }]\n    allow: [{ from: legcy, to: machines, ports: [8080] }]\n`,
    );
    expect(placesOf(message)).toEqual(["retrofit:vpn.allow[0].from"]);
  });

  test("the network of another environment beside this one, with both ranges", () => {
    writeFileSync(
      join(folder, "Pulumi.preprod.yaml"),
      `${VALID}  retrofit:network: { cidr: 10.20.128.0/17 }\n`,
    );
    const message = messageFor(office(`address: 198.51.100.2, ${NETWORKS}`));
    rmSync(join(folder, "Pulumi.preprod.yaml"));
    expect(placesOf(message)).toEqual(["retrofit:network.cidr"]);
    expect(message).toContain("The network of preprod, 10.20.128.0/17, overlaps the VPC, 10.20.0.0/16");
  });
});

describe("retrofit:docker", () => {
  const IMAGE = `app@sha256:${"a".repeat(64)}`;
  const LIMITS = "memoryMb: 64, cpus: 0.5";
  const docker = (containers: string, more = "") =>
    messageFor(
      `${VALID}  retrofit:docker: { instanceType: t3.medium, ${more}containers: [${containers}] }\n`,
    );
  const port = (host: number) => `ports: [{ container: 80, host: ${host} }]`;

  test.each([
    [
      "limits over the machine",
      `{ name: a, image: "${IMAGE}", memoryMb: 4000, cpus: 1 }`,
      "retrofit:docker.instanceType",
      "Use r6i.large",
    ],
    [
      "a port twice",
      `{ name: a, image: "${IMAGE}", ${LIMITS}, ${port(8080)} }, { name: b, image: "${IMAGE}", ${LIMITS}, ${port(8081)} }`,
      "retrofit:docker.containers[1].ports[0].host",
      "a has it",
    ],
    [
      "a circle of dependencies",
      `{ name: a, image: "${IMAGE}", ${LIMITS}, dependsOn: [b] }, { name: b, image: "${IMAGE}", ${LIMITS}, dependsOn: [a] }`,
      "retrofit:docker.containers[0].dependsOn",
      "a → b → a",
    ],
    [
      "an image without digest",
      `{ name: a, image: "app:latest", ${LIMITS} }`,
      "retrofit:docker.containers[0].image",
      "name it by digest",
    ],
    [
      "no image at all",
      `{ name: a, ${LIMITS} }`,
      "retrofit:docker.containers[0]",
      "neither image nor archive",
    ],
    [
      "an archive that is not there",
      `{ name: a, archive: image.tar, ${LIMITS} }`,
      "retrofit:docker.containers[0].archive",
      "which is missing",
    ],
    [
      "the same name twice",
      `{ name: a, image: "${IMAGE}", ${LIMITS} }, { name: a, image: "${IMAGE}", ${LIMITS} }`,
      "retrofit:docker.containers[1].name",
      "a-2",
    ],
    [
      "a privileged container without its word",
      `{ name: a, image: "${IMAGE}", ${LIMITS}, privileged: true }`,
      "retrofit:docker.containers[0].privileged",
      'allow: ["privileged"]',
    ],
    [
      "a share that is no store's",
      `{ name: a, image: "${IMAGE}", ${LIMITS}, volumes: [{ type: share, path: /srv/uploads, mount: /data }] }`,
      "retrofit:docker.containers[0].volumes[0].path",
      "a share that hosts mount",
    ],
  ])("%s is told at its key", (_, containers, place, says) => {
    const message = docker(containers);
    expect(placesOf(message)).toEqual([place]);
    expect(message).toContain(says);
  });

  test("a file that is no archive of an image is told with what is wrong with it", () => {
    writeFileSync(join(folder, "image.tar"), "not an archive".repeat(100));
    const message = docker(`{ name: a, archive: image.tar, ${LIMITS} }`);
    rmSync(join(folder, "image.tar"));
    expect(placesOf(message)).toEqual(["retrofit:docker.containers[0].archive"]);
    expect(message).toMatch(/has no manifest\.json|cannot be read/);
  });
});

describe("retrofit:files", () => {
  const REPOSITORY = "name: documents, mode: repository";
  const PROGRAM = "program: { version: 2.20.17, artifact: app }";
  const files = (stores: string, text = VALID) => messageFor(`${text}  retrofit:files: [${stores}]\n`);

  test("all three modes with what belongs to them have nothing to complain about", () => {
    const share = "{ name: shared, mode: share, infrequentAfterDays: 30, folder: /srv/old.d/files }";
    const bucket = "{ name: uploads, mode: bucket, inbox: {}, mount: s3fs, objectLockDays: 30 }";
    expect(files(`${share}, ${bucket}, { ${REPOSITORY}, ${PROGRAM} }`)).toBe("no mistake");
  });

  test.each([
    ["an unknown mode", "name: a, mode: disk", "mode", "share, bucket or repository"],
    ["no mode", "name: a", "mode", "mode: share"],
    ["a name that is none", "name: A_1, mode: share", "name", "name: uploads"],
    ["a relative folder", "name: a, mode: share, folder: srv/a", "folder", "folder: /srv/uploads"],
    ["a folder that leads out", "name: a, mode: share, folder: /srv/../etc", "folder", "/srv/uploads"],
    ["a key of another mode", "name: a, mode: bucket, throughput: elastic", "throughput", "mode: share"],
    ["a class there is not", "name: a, mode: share, infrequentAfterDays: 31", "infrequentAfterDays", "30"],
    ["an unknown mount", "name: a, mode: bucket, mount: nfs", "mount", "s3fs"],
    ["a lock of no days", "name: a, mode: bucket, objectLockDays: 0", "objectLockDays", "365"],
    ["an archive too soon", "name: a, mode: bucket, archiveAfterDays: 7", "archiveAfterDays", "Write 60"],
    ["backups for ever", "name: a, mode: share, backupDays: 9999", "backupDays", "35"],
    ["no such region", "name: a, mode: bucket, replicateTo: moon", "replicateTo", "eu-"],
    [
      "a claim too short",
      "name: a, mode: bucket, inbox: { claimSeconds: 5 }",
      "inbox.claimSeconds",
      "claimSeconds: 300",
    ],
    ["a repository without a program", REPOSITORY, "program", "retrofit files program"],
    [
      "a published program without its sum",
      `${REPOSITORY}, program: { version: 1.0.0, artifact: "s3://bucket/key.tar.gz" }`,
      "program",
      "Add the sum that retrofit publish printed",
    ],
    [
      "a repository for the world",
      `${REPOSITORY}, ${PROGRAM}, clients: [0.0.0.0/0]`,
      "clients[0]",
      "Name your own networks",
    ],
  ])("%s is told at its key", (_, store, key, says) => {
    const message = files(`{ ${store} }`);
    expect(placesOf(message)).toEqual([`retrofit:files[0].${key}`]);
    expect(message).toContain(says);
  });

  test("the same name and the same folder twice", () => {
    const message = files("{ name: a, mode: share, folder: /a }, { name: a, mode: share, folder: /a }");
    expect(placesOf(message)).toEqual(["retrofit:files[1].name", "retrofit:files[1].folder"]);
    expect(message).toContain("a-2");
  });

  test("where protected, a bucket that does not say whether another region has a copy", () => {
    const full = VALID.replace("size: small", "size: full");
    const message = files("{ name: a, mode: bucket }", full);
    expect(placesOf(message)).toContain("retrofit:files[0].replicateTo");
    expect(message).toContain("replicateTo: none");
    for (const said of ["none", "eu-west-1"]) {
      expect(files(`{ name: a, mode: bucket, replicateTo: ${said} }`, full)).not.toContain("files[0]");
    }
  });

  test("where protected, a repository that is reached without TLS", () => {
    const message = files(`{ ${REPOSITORY}, ${PROGRAM} }`, VALID.replace("size: small", "size: full"));
    expect(placesOf(message)).toContain("retrofit:files[0].certificateArn");
  });

  test("a lock of release artifacts that is no number of days", () => {
    const message = messageFor(`${VALID}  retrofit:artifacts: { objectLockDays: -1 }\n`);
    expect(placesOf(message)).toEqual(["retrofit:artifacts.objectLockDays"]);
    expect(message).toContain("objectLockDays: 30");
  });
});
