/** What `retrofit logs setup` brings to a real OpenSearch, and that lines can be brought back from a snapshot. */
import { MAPPING } from "../../components/elk-stack/content/mapping";
import { errorRise, errorsByVersion } from "../../components/elk-stack/store/errors";
import { NAMES, setUpStore } from "../../components/elk-stack/store/setup";
import { listSnapshots, restoreSnapshot, takeSnapshot } from "../../components/elk-stack/store/snapshots";
import { LogStore } from "../../components/elk-stack/store/store";
import { testAccess } from "./support/access";
import { testCommands } from "./support/commands";
import { testJsonLines } from "./support/json-lines";
import { HARMLESS_LINES, PRIVATE_KEYS, SECRET_LINES } from "./support/secrets";
import { TestStore } from "./support/store";

jest.setTimeout(10 * 60_000);

let store: TestStore;
beforeAll(async () => {
  store = await TestStore.start();
});
afterAll(() => store?.remove());

const content = () => ({
  snapshots: { type: "fs" as const, settings: { location: store.snapshots }, keepDays: 7 },
});

/** What changed, by kind. */
const done = (steps: Awaited<ReturnType<TestStore["setUp"]>>) =>
  Object.fromEntries(steps.map(({ what, done }) => [what, done]));

const write: TestStore["write"] = (...args) => store.write(...args);

const backing = async (stream: string): Promise<string[]> => {
  const { data_streams } = await store.store.send<{ data_streams: { indices: { index_name: string }[] }[] }>(
    "GET",
    `/_data_stream/${stream}`,
  );
  return data_streams[0]!.indices.map(({ index_name }) => index_name);
};

test("the first setup makes everything, the second changes nothing", async () => {
  const first = done(await store.setUp(content()));
  const kinds = new Set(Object.values(first));
  expect(kinds).toEqual(new Set(["made", "skipped"]));
  expect(Object.keys(first)).toEqual(
    expect.arrayContaining(["stream logs-shop-dev", "stream logs-system-dev", `pipeline ${NAMES.pipeline}`]),
  );
  const second = done(await store.setUp(content()));
  expect(new Set(Object.values(second))).toEqual(new Set(["unchanged", "skipped"]));
});

test("what a store has no plugin for is left out, and named", async () => {
  const snapshots = { type: "s3" as const, settings: { bucket: "artifacts" }, keepDays: 7 };
  const writer = { username: "retrofit-forwarder", password: "not asked for" };
  const steps = await store.setUp({ environment: "bare", snapshots, writer });
  const skipped = steps.filter(({ done }) => done === "skipped").map(({ why }) => why);
  expect(skipped).toEqual([
    "the store has no plugin opensearch-index-management",
    "the store has no plugin opensearch-security",
    "the store has no plugin repository-s3",
    "there is no snapshot repository retrofit-logs",
  ]);
  expect(steps.filter(({ done, lacks }) => done === "skipped" && !lacks)).toEqual([]);
});

test("a snapshot repository that the store refuses is named with the reason, and everything else is set up", async () => {
  const snapshots = { type: "fs" as const, settings: { location: "/nowhere/of/the/store" }, keepDays: 7 };
  const steps = await store.setUp({ environment: "refused", snapshots });
  expect(done(steps)).toMatchObject({ "stream logs-shop-refused": "made" });
  expect(steps.slice(-2)).toEqual([
    {
      what: "snapshot repository retrofit-logs",
      done: "skipped",
      why: expect.stringMatching(/^the store refused it with \d+: .*\/nowhere\/of\/the\/store/),
    },
    {
      what: "snapshot policy retrofit-logs-refused",
      done: "skipped",
      why: "there is no snapshot repository retrofit-logs",
    },
  ]);
});

test("searches and lines that take seconds are written into the slow logs, which are empty without thresholds", async () => {
  const [index] = await backing("logs-shop-dev");
  const { [index!]: found } = await store.store.send<
    Record<string, { settings: { index: { search: object; indexing: object } } }>
  >("GET", `/${index}/_settings`);
  expect(found!.settings.index).toMatchObject({
    search: { slowlog: { threshold: { query: { warn: "10s" } } } },
    indexing: { slowlog: { threshold: { index: { warn: "5s" } } } },
  });
});

test("lines that came before any setup are taken over into the stream", async () => {
  await write("logs-shop-early", [
    { "@timestamp": "2025-12-31T00:00:00Z", message: "too early", retrofit: { format: "plain" } },
  ]);
  const steps = await store.setUp({ ...content(), environment: "early" });
  expect(steps.find(({ what }) => what === "stream logs-shop-early")?.why).toBe(
    "with the lines that had come before",
  );
  expect((await store.count("logs-shop-early")).lines).toBe(1);
  expect(await backing("logs-shop-early")).toHaveLength(1);
});

test("a line that comes while earlier ones are being taken over is taken over too", async () => {
  const line = (message: string) => ({ "@timestamp": "2025-12-31T00:00:00Z", message });
  await write("logs-shop-growing", [line("first")]);
  const { connection } = store.store;
  let copies = 0;
  const growing = new (class extends LogStore {
    override async send<T>(method: string, path: string, body?: object | string): Promise<T> {
      const answer = await super.send<T>(method, path, body);
      if (path.startsWith("/_reindex") && ++copies === 1) await write("logs-shop-growing", [line("second")]);
      return answer;
    }
  })(connection);
  await setUpStore(growing, {
    environment: "growing",
    applications: ["shop"],
    retentionDays: 1,
    replicas: 0,
  });
  expect(copies).toBeGreaterThan(2);
  expect((await store.count("logs-shop-growing")).lines).toBe(2);
});

test("another retention or number of copies changes the template, and nothing else", async () => {
  const changed = done(await store.setUp({ ...content(), replicas: 1 }));
  expect(Object.entries(changed).filter(([, how]) => how === "changed")).toEqual([
    [`template ${NAMES.template("dev")}`, "changed"],
  ]);
  await store.setUp(content());
});

test("a stream begins a new index on request, and lines of both are found", async () => {
  await write("logs-shop-dev", [{ "@timestamp": "2026-01-01T00:00:00Z", message: "before the rollover" }]);
  const before = await backing("logs-shop-dev");
  await store.store.send("POST", "/logs-shop-dev/_rollover");
  await write("logs-shop-dev", [{ "@timestamp": "2026-01-02T00:00:00Z", message: "after the rollover" }]);
  expect((await backing("logs-shop-dev")).length).toBe(before.length + 1);
  const found = await store.find('message:"the rollover"');
  expect(found.map(({ message }) => message)).toEqual(["before the rollover", "after the rollover"]);
  expect(new Set(found.map(({ _index }) => _index)).size).toBe(2);
});

test("a mapping that cannot be changed in place makes a new backing index, and old lines stay", async () => {
  // A store as an older Retrofit left it: the name of a machine was a text.
  const old = {
    dynamic: false,
    properties: {
      "@timestamp": { type: "date" },
      message: { type: "text" },
      host: { properties: { name: { type: "text" } } },
    },
  };
  await store.store.send("PUT", `/_component_template/${NAMES.mapping}`, {
    version: 0,
    template: { mappings: old },
  });
  await store.setUp({ environment: "older", applications: [] }).catch(() => {});
  await store.store.send("DELETE", "/_data_stream/logs-system-older");
  await store.store.send("PUT", `/_component_template/${NAMES.mapping}`, {
    version: 0,
    template: { mappings: old },
  });
  await store.store.send("PUT", "/_data_stream/logs-system-older");
  await write("logs-system-older", [
    { "@timestamp": "2026-01-01T00:00:00Z", message: "of old", host: { name: "a" } },
  ]);
  const before = await backing("logs-system-older");

  const steps = await store.setUp({ environment: "older", applications: [] });
  expect(done(steps)["stream logs-system-older"]).toBe("changed");
  expect(steps.find(({ what }) => what === "stream logs-system-older")?.why).toContain("a new backing index");
  const after = await backing("logs-system-older");
  expect(after).toEqual([...before, expect.any(String)]);
  const mapping = await store.store.send<Record<string, { mappings: typeof MAPPING }>>(
    "GET",
    `/${after.at(-1)}/_mapping`,
  );
  expect(mapping[after.at(-1)!]!.mappings.properties.host).toEqual(MAPPING.properties.host);
  expect((await store.count("logs-system-older")).lines).toBe(1);
});

test("a store that a newer Retrofit has set up is left alone", async () => {
  const path = `/_component_template/${NAMES.mapping}`;
  await store.store.send("PUT", path, { _meta: { version: 999 }, template: { mappings: MAPPING } });
  await expect(store.setUp(content())).rejects.toThrow(/version 999; this Retrofit brings version/);
  await store.store.send("PUT", path, { template: { mappings: MAPPING } });
  expect(done(await store.setUp(content()))[`mapping ${NAMES.mapping}`]).toBe("changed");
});

test("a line of an unknown shape is kept, and does not change the mapping", async () => {
  await write("logs-shop-dev", [
    {
      "@timestamp": "2026-01-03T00:00:00Z",
      message: '{"broken',
      retrofit: { format: "json" },
      anything: { at: { all: 1 } },
    },
    {
      "@timestamp": "2026-01-03T00:00:01Z",
      message: '{"level":"WARNING","deep":{"er":{"x":[1,2]}}}',
      retrofit: { format: "json" },
      process: { pid: "no number" },
    },
  ]);
  const lines = await store.find("@timestamp:[2026-01-03 TO 2026-01-04]");
  expect(lines[0]).toMatchObject({ message: '{"broken', anything: { at: { all: 1 } } });
  expect(lines[1]).toMatchObject({ log: { level: "warn" }, labels: { deep: { er: { x: [1, 2] } } } });
  const [newest] = (await backing("logs-shop-dev")).slice(-1);
  const mapping = await store.store.send<Record<string, { mappings: { properties: object } }>>(
    "GET",
    `/${newest}/_mapping`,
  );
  expect(Object.keys(mapping[newest!]!.mappings.properties)).not.toContain("anything");
});

test("a release is judged by the errors among its lines, beside those of the release that serves", async () => {
  const lines = (version: string, level: string, count: number) =>
    Array.from({ length: count }, () => ({
      "@timestamp": new Date().toISOString(),
      message: `${level} a page`,
      service: { name: "shop", version },
      retrofit: { format: "plain" },
    }));
  await write("logs-shop-dev", [
    ...lines("2.0.0", "INFO", 90),
    ...lines("2.0.0", "ERROR", 1),
    ...lines("2.1.0", "INFO", 20),
    ...lines("2.1.0", "ERROR", 10),
  ]);
  const counts = await errorsByVersion(store.store, "logs-shop-dev", 600);
  expect(counts).toMatchObject({ "2.0.0": { lines: 91, errors: 1 }, "2.1.0": { lines: 30, errors: 10 } });
  expect([errorRise(counts, "2.1.0"), errorRise(counts, "2.0.0")]).toEqual([
    "10 of 30 log lines of 2.1.0 are errors (33.3 %), those of the serving release 1.1 %.",
    undefined,
  ]);
});

describe("JSON of an application", () => testJsonLines(() => store));

describe("the user of machines", () => testAccess(() => store));

describe("retrofit logs", () => testCommands(() => store));

test("lines of a forwarder that cannot mask are masked on their way into the store", async () => {
  const keys = PRIVATE_KEYS.flatMap(({ lines }) => lines);
  const messages = [...SECRET_LINES.map(({ line }) => line), ...HARMLESS_LINES, ...keys];
  const lines = messages.map((message, n) => ({
    "@timestamp": `2026-02-01T00:00:00.${String(n).padStart(3, "0")}Z`,
    message,
    "service.name": "shop",
    "retrofit.format": "plain",
    "event.dataset": "application",
    "process.name": "shop",
    "log.level": "3",
  }));
  await write("logs-shop-dev", lines, NAMES.maskingPipeline);
  const stored = await store.find("@timestamp:[2026-02-01 TO 2026-02-02]", 1_000);
  expect(stored).toHaveLength(messages.length);
  const text = JSON.stringify(stored);
  expect(SECRET_LINES.filter(({ secret }) => text.includes(JSON.stringify(secret).slice(1, -1)))).toEqual([]);
  expect(PRIVATE_KEYS.flatMap(({ body }) => body).filter((line) => text.includes(line.trim()))).toEqual([]);
  expect(stored.slice(SECRET_LINES.length, -keys.length).map(({ message }) => message)).toEqual(
    HARMLESS_LINES,
  );
  expect(stored[0]).toMatchObject({
    service: { name: "shop" },
    event: { dataset: "application" },
    process: { name: "shop" },
    log: { level: "error" },
  });
});

test("snapshot, delete, restore: as many lines as before; a restore does not touch what is there", async () => {
  await store.setUp(content());
  const streams = ["logs-shop-dev", "logs-system-dev"];
  await write(
    "logs-system-dev",
    Array.from({ length: 500 }, (_, n) => ({ "@timestamp": "2026-01-01T00:00:00Z", message: `line ${n}` })),
  );
  const counts = async () => Promise.all(streams.map(async (stream) => (await store.count(stream)).lines));
  const before = await counts();
  expect(before[1]).toBeGreaterThanOrEqual(500);
  await takeSnapshot(store.store, "nightly-1", streams);
  expect((await listSnapshots(store.store)).map(({ snapshot, state }) => [snapshot, state])).toEqual([
    ["nightly-1", "SUCCESS"],
  ]);

  await expect(restoreSnapshot(store.store, "nightly-1", streams)).rejects.toThrow(
    /still in the store. Nothing was restored/,
  );
  for (const stream of streams) await store.store.send("DELETE", `/_data_stream/${stream}`);
  await expect(restoreSnapshot(store.store, "nightly-2", streams)).rejects.toThrow(
    "There is no snapshot nightly-2. There are: nightly-1.",
  );
  await restoreSnapshot(store.store, "nightly-1", streams);
  expect(await counts()).toEqual(before);
  // It goes on where it was.
  await write("logs-system-dev", [{ "@timestamp": "2026-01-05T00:00:00Z", message: "one more" }]);
  expect((await counts())[1]).toBe(before[1]! + 1);
});
