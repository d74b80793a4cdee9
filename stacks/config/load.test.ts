import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runtime } from "@pulumi/pulumi";
import fc from "fast-check";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { EnvironmentConfigError, loadEnvironmentConfig, loadEnvironmentFile } from "../config";
import { environmentJsonSchema, keyTable } from "./reference";
import { readRuntimeConfig } from "./runtime";

const root = join(__dirname, "..", "..");
const environments = ["dev", "test", "integration", "uat", "perf", "preprod", "prod"];
const minimal = (size: string) => ({
  "aws:region": "eu-central-1",
  "retrofit:size": size,
  "retrofit:application": { name: "shop", command: "node server.js" },
  "retrofit:web": { testers: ["10.0.0.0/8"] },
});
const load = (values: Record<string, unknown>, stack = "dev") =>
  loadEnvironmentConfig({ stack, values, projectRoot: __dirname });
/** As Pulumi hands values to a program: groups as JSON, the rest as text. */
const atRuntime = (values: Record<string, unknown>) =>
  Object.fromEntries(
    Object.entries(values).map(([key, value]) => [
      key,
      typeof value === "object" ? JSON.stringify(value) : String(value),
    ]),
  );

describe("the defaults", () => {
  test.each(["small", "full"])("of the size %s", (size) => {
    expect(load(minimal(size))).toMatchSnapshot();
  });

  test("are kept key by key where a group is given, and replaced as a whole where it is a list or the scaling", () => {
    const config = load({
      ...minimal("small"),
      "retrofit:web": {
        testers: ["10.0.0.0/8"],
        healthCheck: { healthyThreshold: 4 },
        scaling: { requestsPerTarget: 100 },
      },
      "retrofit:network": { flowLogs: { enabled: false } },
      "retrofit:shift": { steps: [100] },
    });
    expect(config.web.healthCheck).toEqual({
      intervalSeconds: 5,
      timeoutSeconds: 2,
      healthyThreshold: 4,
      unhealthyThreshold: 2,
    });
    expect(config.web.scaling).toEqual({ requestsPerTarget: 100 });
    expect(config.network.flowLogs).toEqual({ enabled: false, retentionDays: 7 });
    expect(config.shift).toMatchObject({ steps: [100], healthyPolls: 3 });
  });

  test("do not leak from one environment into the next", () => {
    load(minimal("small")).web.clients.push("192.0.2.0/24");
    expect(load(minimal("small")).web.clients).toEqual(["0.0.0.0/0"]);
  });
});

describe("the same values read from a file and by a running program give the same environment", () => {
  const cidr = fc.integer({ min: 0, max: 255 }).map((n) => `10.${n}.0.0/16`);
  const optional = { requiredKeys: [] as never[] };
  const version = fc.tuple(fc.nat(99), fc.nat(99), fc.nat(99)).map((parts) => parts.join("."));
  const web = fc
    .record(
      {
        instanceType: fc.constantFrom("t3.small", "m7g.2xlarge", "m7i-flex.large", "c5.metal"),
        clients: fc.uniqueArray(cidr, { minLength: 1, maxLength: 3 }),
        scaling: fc.record({ cpuPercent: fc.integer({ min: 10, max: 90 }) }, optional),
        volumeSizeGb: fc.integer({ min: 8, max: 100 }),
      },
      optional,
    )
    .chain((given) =>
      fc.integer({ min: 2, max: 10 }).map((min) => ({ ...given, min, max: 20, testers: ["10.0.0.0/8"] })),
    );
  const shift = fc.record(
    {
      steps: fc
        .uniqueArray(fc.integer({ min: 1, max: 99 }), { maxLength: 5 })
        .map((steps) => [...steps.sort((a, b) => a - b), 100]),
      maxErrorPercent: fc.double({ min: 0, max: 100, noNaN: true }),
      waitSeconds: fc.nat(3600),
    },
    optional,
  );
  const values = fc
    .record({
      size: fc.constantFrom("small", "full"),
      isProtected: fc.option(fc.boolean(), { nil: undefined }),
      environment: fc.dictionary(fc.stringMatching(/^X_[A-Z]{1,8}$/), fc.string(), { maxKeys: 4 }),
      network: fc.record(
        { cidr, nat: fc.constantFrom("none", "single", "perZone"), ipv6: fc.boolean() },
        optional,
      ),
      web,
      shift,
      live: fc.option(version, { nil: undefined }),
    })
    .map(({ size, isProtected, environment, network, web, shift, live }) => ({
      "aws:region": "eu-central-1",
      "retrofit:size": size,
      ...(isProtected !== undefined && { "retrofit:protected": isProtected }),
      "retrofit:application": { name: "shop", command: "node server.js", environment },
      "retrofit:network": network,
      "retrofit:web": web,
      "retrofit:shift": shift,
      ...(live !== undefined && {
        "retrofit:live": { version: live, artifact: "s3://bucket/app.tar.gz", sha256: "a".repeat(64) },
      }),
    }));

  test("whatever the values", () => {
    fc.assert(
      fc.property(values, (given) => {
        const config = load(given);
        expect(load(atRuntime(given))).toEqual(config);
        expect(load(parse(stringify(given)))).toEqual(config);
        // What was written is what is used, and only gaps are filled.
        expect(config).toMatchObject({
          size: given["retrofit:size"],
          network: given["retrofit:network"],
          web: given["retrofit:web"],
          shift: given["retrofit:shift"],
        });
      }),
      { numRuns: 60 },
    );
  });

  test("and any resolved environment, written out in full, resolves to itself", () => {
    fc.assert(
      fc.property(values, (given) => {
        const { environment, region, ...rest } = load(given);
        const full = Object.fromEntries(
          Object.entries(rest).map(([key, value]) => [`retrofit:${key}`, value]),
        );
        expect(load({ "aws:region": region, ...full }, environment)).toEqual({
          environment,
          region,
          ...rest,
        });
      }),
      { numRuns: 40 },
    );
  });
});

describe("a running program", () => {
  afterEach(() => {
    delete process.env.PULUMI_CONFIG_SECRET_KEYS;
    runtime.setAllConfig({});
  });

  test("reads what Pulumi hands over", () => {
    runtime.setAllConfig(atRuntime(minimal("small")));
    expect(load(readRuntimeConfig())).toEqual(load(minimal("small")));
  });

  test("reads a day that stands without quotes as the command line does, although the engine hands it over as a moment", () => {
    const relaxed = (expires: string) => ({
      "retrofit:policies": {
        relaxed: [{ rule: "bucket-lifecycle", to: "advisory", reason: "Nothing is kept there yet", expires }],
      },
    });
    const meant = load({ ...minimal("small"), ...relaxed("2027-03-31") });
    const asMoment = { ...minimal("small"), ...relaxed("2027-03-31 00:00:00 +0000 UTC") };
    runtime.setAllConfig(atRuntime(asMoment));
    expect([load(readRuntimeConfig()), load(asMoment)]).toEqual([meant, meant]);
  });

  test("is refused a secret, without its text in the message", () => {
    process.env.PULUMI_CONFIG_SECRET_KEYS = JSON.stringify(["retrofit:application"]);
    runtime.setAllConfig(atRuntime({ ...minimal("small"), "retrofit:application": { name: "hunter2" } }));
    const message = messageOf(() => load(readRuntimeConfig()));
    expect(message).toContain("retrofit:application: got an encrypted value");
    expect(message).not.toContain("hunter2");
  });

  test("hears of broken JSON as of any other mistake", () => {
    expect(messageOf(() => load({ ...atRuntime(minimal("small")), "retrofit:shift": "{steps:" }))).toContain(
      'retrofit:shift: got "{steps:"; allowed: a group with steps',
    );
  });
});

function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof EnvironmentConfigError) return error.message;
    throw error;
  }
  return "no mistake";
}

describe("the files of the project", () => {
  test.each(environments)("Pulumi.%s.yaml is valid and under 25 lines", (name) => {
    const file = join(root, `Pulumi.${name}.yaml`);
    const text = readFileSync(file, "utf8");
    expect(loadEnvironmentFile(file).environment).toBe(name);
    expect(text.trimEnd().split("\n").length).toBeLessThan(25);
    expect(text.split("\n")[0]).toBe("# yaml-language-server: $schema=docs/Pulumi.environment.schema.json");
  });

  test.each(environments)("%s is to the running program what it is in its file", (name) => {
    const file = join(root, `Pulumi.${name}.yaml`);
    const { config } = parse(readFileSync(file, "utf8")) as { config: Record<string, unknown> };
    const given = { stack: name, values: atRuntime(config), projectRoot: root };
    expect(loadEnvironmentConfig(given)).toEqual(loadEnvironmentFile(file));
  });

  test("the JSON Schema and the table of keys are those of the schema (npm run generate:schema)", () => {
    const docs = (name: string) => readFileSync(join(root, "docs", name), "utf8");
    expect(JSON.parse(docs("Pulumi.environment.schema.json"))).toEqual(environmentJsonSchema());
    expect(docs("environments.md")).toContain(`<!-- keys -->\n${keyTable()}\n<!-- /keys -->`);
  });

  test.each(environments)(
    "an editor finds nothing wrong with Pulumi.%s.yaml, and finds a wrong key",
    (name) => {
      const schema = z.fromJSONSchema(environmentJsonSchema() as never);
      const content = parse(readFileSync(join(root, `Pulumi.${name}.yaml`), "utf8"));
      expect(schema.safeParse(content).error).toBeUndefined();
      const broken = { config: { ...content.config, "retrofit:wep": {} } };
      expect(schema.safeParse(broken).success).toBe(false);
      content.config["retrofit:web"].mni = 1;
      expect(schema.safeParse(content).success).toBe(false);
    },
  );
});
