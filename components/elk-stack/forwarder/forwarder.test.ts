import { parse } from "yaml";
import { forwarderProblems } from "./checks";
import { fluentBitConfiguration } from "./fluent-bit";
import { MASKS } from "./masking";
import type { ForwarderModel, LogSource } from "./model";
import { syslogNgConfiguration } from "./syslog-ng";

const model = (more: Partial<ForwarderModel> = {}): ForwarderModel => ({
  environment: "dev",
  output: { endpoint: "https://logs.example", authentication: "basic" },
  sources: [
    { type: "journal", name: "journal", application: { unit: "application.service", name: "shop" } },
    { type: "files", name: "access", application: "shop", paths: ["/var/log/shop/*.log"], rateLimit: 500 },
    {
      type: "files",
      name: "traces",
      application: "billing",
      paths: ["/var/log/b/*.log"],
      startsWith: "^\\d{4}-",
    },
  ],
  ...more,
});

test("the same model gives the same configuration, and no password is in it", () => {
  const text = syslogNgConfiguration(model());
  expect(text).toBe(syslogNgConfiguration(model()));
  expect(text).toContain('"Authorization: Basic `RETROFIT_LOGS_BASIC`"');
});

test("a forwarder that cannot sign is not asked to", () => {
  const output = {
    endpoint: "https://logs.example",
    authentication: "signed",
    region: "eu-central-1",
  } as const;
  expect(() => syslogNgConfiguration(model({ output }))).toThrow('Use "basic", or Fluent Bit.');
});

test("blocking holds the sources back, dropping does not", () => {
  const paths = (whenFull: "block" | "drop") =>
    syslogNgConfiguration(model({ buffer: { whenFull } })).split("flow-control").length - 1;
  expect([paths("block"), paths("drop")]).toEqual([6, 0]);
});

test("a source is held to its rate once, before its lines are told apart", () => {
  const journal: LogSource = {
    type: "journal",
    name: "journal",
    rateLimit: 20,
    application: { unit: "application.service", name: "shop" },
    containers: { application: "containers" },
  };
  const text = syslogNgConfiguration(model({ sources: [journal] }));
  expect(text.split("filter(f_limit_journal)")).toHaveLength(2);
  expect(text.indexOf("filter(f_limit_journal)")).toBeLessThan(text.indexOf("log {"));
  expect(text.split("source(s_journal)")).toHaveLength(5);
});

interface FluentBit {
  pipeline: {
    inputs: Record<string, unknown>[];
    filters: Record<string, unknown>[];
    outputs: Record<string, unknown>[];
  };
  multiline_parsers: { name: string }[];
}

describe("Fluent Bit, from the same model", () => {
  const made = (more: Partial<ForwarderModel> = {}) =>
    parse(fluentBitConfiguration(model(more))) as FluentBit;
  const streams = ({ pipeline }: FluentBit) => pipeline.outputs.map(({ index }) => index);

  test("has an output for each stream, which takes each line once and under an id of its own", () => {
    const made1 = made();
    expect(streams(made1)).toEqual(["logs-shop-dev", "logs-system-dev", "logs-billing-dev"]);
    for (const output of made1.pipeline.outputs) {
      expect(output).toMatchObject({
        name: "opensearch",
        suppress_type_name: true,
        write_operation: "create",
        generate_id: true,
        retry_limit: "no_limits",
      });
    }
  });

  test("keeps its buffer on disk up to the limit, and its place in each file", () => {
    const { pipeline } = made({ buffer: { sizeMb: 64 } });
    for (const input of pipeline.inputs)
      expect(input).toMatchObject({ "storage.type": "filesystem", "db.sync": "full" });
    for (const output of pipeline.outputs) expect(output["storage.total_limit_size"]).toBe("64M");
  });

  test("loses nothing between two tags, and takes two equal lines for two", () => {
    const { inputs, filters, outputs } = made().pipeline;
    const retagging = filters.filter(({ name }) => name === "rewrite_tag");
    expect(retagging.length).toBeGreaterThan(0);
    for (const filter of retagging) expect(filter).toMatchObject({ "emitter_storage.type": "filesystem" });
    for (const input of inputs.filter(({ name }) => name === "tail"))
      expect(input).toMatchObject({ offset_key: "log.offset" });
    for (const output of outputs) expect(output).toMatchObject({ time_key_nanos: true, buffer_size: false });
  });

  test("sets the fields of each line, one of them in each entry of a list", () => {
    const records = made()
      .pipeline.filters.filter(({ name }) => name === "record_modifier")
      .flatMap(({ record }) => record as string[]);
    expect(records).toEqual(
      expect.arrayContaining([
        "event.dataset access",
        "service.name billing",
        "service.environment dev",
        `service.version \${RETROFIT_RELEASE}`,
      ]),
    );
  });

  test("signs its requests where it is to, and has them masked by the store", () => {
    const output = {
      endpoint: "https://logs.example",
      authentication: "signed",
      region: "eu-central-1",
    } as const;
    for (const made1 of made({ output }).pipeline.outputs) {
      expect(made1).toMatchObject({
        aws_auth: true,
        aws_region: "eu-central-1",
        tls: true,
        port: 443,
        pipeline: "retrofit-logs-masking",
      });
    }
  });

  test.each<[string, Partial<ForwarderModel>, string]>([
    [
      "masks of one's own, which nobody would apply",
      { masks: [{ name: "customer", pattern: "customer-\\d+", replacement: "***" }] },
      "masks (customer): Fluent Bit cannot replace within a line",
    ],
    [
      "lines of containers",
      { sources: [{ type: "journal", name: "journal", containers: { application: "containers" } }] },
      "sources[0].containers",
    ],
    [
      "collected lines that are kept",
      { sources: [{ type: "syslog", name: "syslog", port: 6514, keepIn: "/var/log/collected" }] },
      "sources[0].keepIn",
    ],
  ])("refuses %s", (_, more, message) => {
    expect(() => made(more)).toThrow(message);
    expect(() => syslogNgConfiguration(model(more))).not.toThrow();
  });

  test("joins what goes over many lines, and holds a source to its rate", () => {
    const { multiline_parsers, pipeline } = made();
    expect(multiline_parsers.map(({ name }) => name)).toEqual(["multi-traces"]);
    expect(pipeline.filters.find(({ name }) => name === "throttle")).toMatchObject({
      match: "access.line",
      rate: 500,
    });
  });
});

test("every mask can be read by both, and says a name of its own", () => {
  expect(forwarderProblems(model({ masks: MASKS }))).toEqual([]);
  expect(new Set(MASKS.map(({ name }) => name)).size).toBe(MASKS.length);
});

test("what PCRE reads is not refused for its looks", () => {
  const good = ["(?<=ab)c", "(?<!\\\\)b", "(?<name>a)", "\\[\\]", "(?<=x{2})y", "^\\d{4}-", "\\x{e9}"];
  for (const startsWith of good)
    expect([startsWith, forwarderProblems(model({ sources: files({ startsWith }) }))]).toEqual([
      startsWith,
      [],
    ]);
});

const files = (more: object) =>
  [{ type: "files", name: "a", application: "shop", paths: ["/var/log/a.log"], ...more }] as LogSource[];

test.each<[string, Partial<ForwarderModel>, string, string]>([
  ["no source", { sources: [] }, "sources", "at least one source"],
  [
    "an unknown source",
    { sources: [{ type: "kafka", name: "x" } as unknown as LogSource] },
    "sources[0].type",
    "files, journal or syslog",
  ],
  [
    "a pattern that does not compile",
    { sources: files({ startsWith: "^(\\d{4}" }) },
    "sources[0].startsWith",
    "a regular expression that compiles",
  ],
  [
    "a mask that does not compile",
    { masks: [{ name: "x", pattern: "[", replacement: "*" }] },
    "masks[0].pattern",
    "a regular expression that compiles",
  ],
  [
    "a mask that would end the configuration's text",
    { masks: [{ name: "x", pattern: "it's", replacement: "*" }] },
    "masks[0].pattern",
    "a regular expression that PCRE reads, without quotes and line breaks",
  ],
  ...["(?<=a+)b", "(?<!x{2,})y", "(?<=(?:ab|c))d", "\\u0041", "[]", "x[^]y", "`x`"].map(
    (startsWith): [string, Partial<ForwarderModel>, string, string] => [
      `${startsWith}, which the forwarder would not start with,`,
      { sources: files({ startsWith }) },
      "sources[0].startsWith",
      "a regular expression that PCRE reads, without quotes and line breaks",
    ],
  ),
  [
    "a path with a wild folder",
    { sources: files({ paths: ["/var/*/x.log"] }) },
    "sources[0].paths[0]",
    "an absolute path with * and ? in its last part only",
  ],
  [
    "a relative path",
    { sources: files({ paths: ["x.log"] }) },
    "sources[0].paths[0]",
    "an absolute path with * and ? in its last part only",
  ],
  ["no path", { sources: files({ paths: [] }) }, "sources[0].paths", "at least one path"],
  [
    "two sources of one name",
    { sources: [...files({}), ...files({})] },
    "sources[1].name",
    "a name that no other source has",
  ],
  [
    "an application with the machines' stream",
    { sources: files({ application: "system" }) },
    "sources[0].application",
    'lower-case letters, digits and -, but not "system"',
  ],
  [
    "containers with the machines' stream",
    { sources: [{ type: "journal", name: "journal", containers: { application: "system" } }] },
    "sources[0].application",
    'lower-case letters, digits and -, but not "system"',
  ],
  [
    "a folder for collected lines that is no path",
    { sources: [{ type: "syslog", name: "syslog", port: 6514, keepIn: "collected" }] },
    "sources[0].keepIn",
    "an absolute path of plain letters",
  ],
  [
    "half a line per second",
    { sources: files({ rateLimit: 0.5 }) },
    "sources[0].rateLimit",
    "a whole number above 0: lines per second",
  ],
  [
    "an endpoint with a path",
    { output: { endpoint: "https://a/b", authentication: "none" } },
    "output.endpoint",
    "https://host[:port] without a path",
  ],
  [
    "a signature for no region",
    { output: { endpoint: "https://a", authentication: "signed" } },
    "output.region",
    "an AWS region",
  ],
  ["a buffer of nothing", { buffer: { sizeMb: 0 } }, "buffer.sizeMb", "a whole number of 2 or more"],
])("%s is refused", (_, more, property, allowed) => {
  expect(forwarderProblems(model(more))).toEqual([expect.objectContaining({ property, allowed })]);
});
