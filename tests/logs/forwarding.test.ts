/** The real syslog-ng, with the generated configuration, into the real OpenSearch. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { FIELDS_OF_EACH_LINE } from "../../components/elk-stack/content/mapping";
import type { ForwarderModel } from "../../components/elk-stack/forwarder/model";
import { until } from "../support/sandbox";
import { FOLDER_OF_LOGS, TestForwarder } from "./support/forwarder";
import { HARMLESS_LINES, SECRET_LINES } from "./support/secrets";
import { TestStore } from "./support/store";

jest.setTimeout(10 * 60_000);

/** Found within five seconds, as promised; a busy test machine gets the same again. */
const FOUND_SECONDS = 10;

let store: TestStore;
let forwarder: TestForwarder;

const model = (more: Partial<ForwarderModel> = {}): ForwarderModel => ({
  environment: "dev",
  output: { endpoint: store.endpoint, authentication: "none" },
  sources: [
    { type: "files", name: "application", application: "shop", paths: [`${FOLDER_OF_LOGS}/*.log`] },
    {
      type: "files",
      name: "events",
      application: "shop",
      paths: [`${FOLDER_OF_LOGS}/*.json`],
      format: "json",
    },
    {
      type: "files",
      name: "traces",
      application: "shop",
      paths: [`${FOLDER_OF_LOGS}/*.trace`],
      startsWith: "^\\d{4}-",
    },
    { type: "journal", name: "journal" },
  ],
  ...more,
});

beforeAll(async () => {
  store = await TestStore.start();
  await store.setUp();
  forwarder = await TestForwarder.make(model());
  await forwarder.start();
});

afterAll(async () => {
  await forwarder?.remove();
  await store?.remove();
});

/** Waits until a count stands still: everything has been read. */
async function settled(count: () => Promise<number>): Promise<void> {
  let [before, now] = [-1, await count()];
  while (before !== now) {
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    [before, now] = [now, await count()];
  }
}

/** A field by its dotted name. */
const field = (line: unknown, path: string): unknown =>
  path.split(".").reduce((value, part) => (value as Record<string, unknown> | undefined)?.[part], line);

test("a plain line, a JSON line and a stack trace of 40 lines arrive once each, in the application's stream", async () => {
  const frames = Array.from({ length: 39 }, (_, n) => `    at com.example.Shop.step${n}(Shop.java:${n})`);
  forwarder.write("a.log", "2026-01-02 WARN kinds-plain stock is low\n");
  forwarder.write("a.json", '{"level":50,"time":1767323045000,"msg":"kinds-json","order":7}\n');
  forwarder.write(
    "a.trace",
    `2026-01-02 kinds-trace java.lang.IllegalStateException: boom\n${frames.join("\n")}\n`,
  );
  await forwarder.log("user.info", "cron", "kinds-journal");
  await forwarder.log("auth.warning", "sshd", "kinds-auth Failed publickey for ada");
  const { lines, seconds } = await store.arrive("message:kinds*", 5, FOUND_SECONDS + 5);
  expect(seconds).toBeLessThan(FOUND_SECONDS);
  const by = (word: string) => lines.filter(({ message }) => message.includes(word));
  expect(["plain", "json", "trace", "journal", "auth"].map((word) => by(`kinds-${word}`).length)).toEqual([
    1, 1, 1, 1, 1,
  ]);

  const [plain] = by("kinds-plain");
  const [json] = by("kinds-json");
  const [trace] = by("kinds-trace");
  const [auth] = by("kinds-auth");
  for (const line of [plain, json, trace]) expect(line!._index).toContain("logs-shop-dev");
  for (const line of [...by("kinds-journal"), auth]) expect(line!._index).toContain("logs-system-dev");
  for (const line of lines) {
    expect(FIELDS_OF_EACH_LINE.filter((name) => !field(line, name))).toEqual([]);
    expect(line).toMatchObject({
      service: { version: "1.1.0", environment: "dev" },
      retrofit: { role: "web", fleet: "blue" },
      host: { id: "i-0123456789abcdef0" },
    });
  }
  expect(plain).toMatchObject({
    log: { level: "warn" },
    service: { name: "shop" },
    event: { dataset: "application" },
  });
  expect(json).toMatchObject({
    message: "kinds-json",
    "@timestamp": "2026-01-02T03:04:05.000Z",
    log: { level: "error" },
    labels: { order: 7 },
  });
  expect(trace!.message.split("\n")).toHaveLength(40);
  expect(trace).toMatchObject({
    log: { level: "error" },
    error: { type: "java.lang.IllegalStateException" },
  });
  expect(auth).toMatchObject({
    event: { dataset: "auth" },
    process: { name: "sshd" },
    log: { level: "warn" },
  });
});

test("thirty secrets in log lines do not reach the store, and what is around them does", async () => {
  expect(SECRET_LINES.length).toBeGreaterThanOrEqual(30);
  SECRET_LINES.forEach(({ line }, n) => {
    forwarder.write("secrets.log", `masked-${n} ${line}\n`);
  });
  HARMLESS_LINES.forEach((line, n) => {
    forwarder.write("secrets.log", `harmless-${n} ${line}\n`);
  });
  const { lines } = await store.arrive("message:masked*", SECRET_LINES.length);
  const leaked = SECRET_LINES.filter(({ secret }) =>
    JSON.stringify(lines).includes(JSON.stringify(secret).slice(1, -1)),
  );
  expect(leaked.map(({ line }) => line)).toEqual([]);
  const lost = SECRET_LINES.filter(
    ({ kept }, n) =>
      !lines.some(({ message }) => message.startsWith(`masked-${n} `) && message.includes(kept)),
  );
  expect(lost.map(({ line }) => line)).toEqual([]);
  const harmless = (await store.arrive("message:harmless*", HARMLESS_LINES.length)).lines.map(({ message }) =>
    message.replace(/^\S+ /, ""),
  );
  expect(harmless.sort()).toEqual([...HARMLESS_LINES].sort());
});

test("the store is down and the forwarder restarted meanwhile: no line is lost and none is there twice", async () => {
  const TOTAL = 30_000;
  const third = (from: number) =>
    Array.from({ length: TOTAL / 3 }, (_, n) => `outage ${from + n} ${"x".repeat(100)}\n`).join("");
  const before = (await store.count("logs-shop-dev")).lines;
  forwarder.write("outage.log", third(0));
  await store.stop();
  forwarder.write("outage.log", third(TOTAL / 3));
  await new Promise((resolve) => setTimeout(resolve, 4_000));
  await forwarder.stop();
  forwarder.write("outage.log", third((2 * TOTAL) / 3));
  await forwarder.start();
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  await store.start();
  await until(
    "all lines are there",
    async () => (await store.count("logs-shop-dev").catch(() => ({ lines: 0 }))).lines >= before + TOTAL,
    120,
  );
  // Time for what would come twice.
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  const { lines } = await store.count("logs-shop-dev");
  expect(lines - before).toBe(TOTAL);
  for (const number of [0, 9_999, 10_000, 19_999, 20_000, 29_999]) {
    expect(await store.find(`message:"outage ${number}"`)).toHaveLength(1);
  }
});

describe("a disk buffer of its least size, with the store away", () => {
  const LINES = 20_000;
  const flood = () => Array.from({ length: LINES }, (_, n) => `flood ${n} ${"y".repeat(400)}\n`).join("");
  let small: TestForwarder;

  const fill = async (whenFull: "block" | "drop") => {
    await store.stop();
    small = await TestForwarder.make(model({ buffer: { sizeMb: 2, whenFull } }));
    await small.start();
    small.write("flood.log", flood());
  };
  const arrived = async () =>
    (
      await store.store
        .send<{ count: number }>("POST", "/logs-shop-dev/_count", { query: { match: { message: "flood" } } })
        .catch(() => ({ count: 0 }))
    ).count;
  afterEach(() => small?.remove());

  test("drop: lines are left out, and how many is counted and reported in the store", async () => {
    await fill("drop");
    const dropped = () => small.counted(/^dst\.http;d_store.*;dropped;/);
    await until("lines are left out", async () => (await dropped()) > 0, 60);
    await settled(dropped);
    await store.start();
    const counted = await dropped();
    await until("what was kept is there", async () => (await arrived()) >= LINES - counted, 120);
    expect(await arrived()).toBe(LINES - counted);
    // It says so itself, over a buffer of its own.
    const { lines } = await store.arrive("event.dataset:forwarder AND forwarder.dropped:>0", 1, 90);
    expect(field(lines[0], "forwarder.dropped")).toBeGreaterThan(0);
  });

  test("block: nothing is left out, the files wait", async () => {
    const before = await arrived();
    await fill("block");
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    await store.start();
    await until("all lines are there", async () => (await arrived()) >= before + LINES, 120);
    expect([await arrived(), await small.counted(/^dst\.http;d_store.*;dropped;/)]).toEqual([
      before + LINES,
      0,
    ]);
  });
});

test("a source that writes too much is held to its rate, and what was left out is counted", async () => {
  const limited = await TestForwarder.make(
    model({
      sources: [
        {
          type: "files",
          name: "chatty",
          application: "shop",
          paths: [`${FOLDER_OF_LOGS}/*.log`],
          rateLimit: 100,
        },
      ],
    }),
  );
  try {
    await limited.start();
    limited.write("chatty.log", Array.from({ length: 5_000 }, (_, n) => `chatty ${n}\n`).join(""));
    const left = () => limited.counted(/f_limit_chatty.*;not_matched;/);
    await until("lines are left out", async () => (await left()) > 0, 30);
    await settled(left);
    const arrived = async () => (await store.find("message:chatty*", 5_000)).length;
    await until("the others are there", async () => (await arrived()) + (await left()) >= 5_000, 30);
    expect((await arrived()) + (await left())).toBe(5_000);
    expect(await left()).toBeGreaterThan(3_000);
  } finally {
    await limited.remove();
  }
});

test("the forwarder has nothing to warn of in its own configuration", () => {
  const log = readFileSync(join(forwarder.root, "var/lib/retrofit-logs/log"), "utf8");
  expect(log).not.toMatch(/WARNING|Error/);
});
