/** The real syslog-ng, with the generated configuration, into the real OpenSearch. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { FIELDS_OF_EACH_LINE } from "../../components/elk-stack/content/mapping";
import type { ForwarderModel, LogSource } from "../../components/elk-stack/forwarder/model";
import { sleep, until } from "../support/sandbox";
import { Door } from "./support/door";
import { FOLDER_OF_LOGS, TestForwarder } from "./support/forwarder";
import { KINDS, type Kind, median, ROUNDS, timed } from "./support/kinds";
import { HARMLESS_LINES, PRIVATE_KEYS, SECRET_LINES } from "./support/secrets";
import { freePort, type Line, TestStore } from "./support/store";

jest.setTimeout(10 * 60_000);

/** As promised, from the moment at which a line was written. */
const FOUND_SECONDS = 5;
/** A busy test machine may stand still for a while: the median has to keep it, in one of so many measurements. */
const TRIES = 5;

let store: TestStore;
let forwarder: TestForwarder;
/** Its file may get a hundred lines a second, and gets many more at once; so it is with sign-ins. */
let limited: TestForwarder;
const CHATTY_LINES = 5_000;
const SIGN_INS = 60;
let syslogPort: number;

const chatty: LogSource = {
  type: "files",
  name: "chatty",
  application: "shop",
  paths: [`${FOLDER_OF_LOGS}/*.log`],
  rateLimit: 100,
};

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
  syslogPort = await freePort();
  limited = await TestForwarder.make(
    model({
      sources: [
        chatty,
        { type: "journal", name: "journal", rateLimit: 10 },
        { type: "syslog", name: "appliances", port: syslogPort, keepIn: "/var/log/collected" },
      ],
    }),
  );
  await Promise.all([forwarder.start(), limited.start()]);
  // It reports each half minute, which goes by beside the other tests.
  limited.write("chatty.log", Array.from({ length: CHATTY_LINES }, (_, n) => `chatty ${n}\n`).join(""));
  await limited.log(
    "auth.info",
    "sshd",
    Array.from({ length: SIGN_INS }, (_, n) => `signin ${n}`),
  );
});

afterAll(async () => {
  await Promise.all([forwarder?.remove(), limited?.remove()]);
  await store?.remove();
});

/** Waits until a count stands still, as when everything has been read. */
async function settled(count: () => Promise<number>): Promise<number> {
  let [before, now] = [-1, await count()];
  while (before !== now) {
    await sleep(2_000);
    [before, now] = [now, await count()];
  }
  return now;
}

/** A field by its dotted name. */
const field = (line: unknown, path: string): unknown =>
  path.split(".").reduce((value, part) => (value as Record<string, unknown> | undefined)?.[part], line);

test("a plain line, a JSON line, a stack trace of 40 lines, the journal's and a sign-in arrive once each within five seconds, in the right stream", async () => {
  // A store that has just started takes its first lines slowly.
  await timed(store, forwarder, "warm", 1);
  let lines: Line[] = [];
  let late: Kind[] = [...KINDS];
  for (let attempt = 1; attempt <= TRIES && late.length > 0; attempt++) {
    const measured = await timed(store, forwarder, `kinds${attempt}x`);
    lines = measured.lines;
    for (const [kind, ways] of Object.entries(measured.seconds))
      process.stderr.write(`• ${kind}: found after ${ways.map((way) => way.toFixed(1)).join(", ")} s\n`);
    late = KINDS.filter((kind) => median(measured.seconds[kind]) > FOUND_SECONDS);
  }
  expect(late).toEqual([]);

  const by = (kind: Kind) => lines.filter(({ message }) => message.includes(`-${kind}`));
  expect(KINDS.map((kind) => by(kind).length)).toEqual(KINDS.map(() => ROUNDS));
  const [plain] = by("plain");
  const [json] = by("json");
  const [trace] = by("trace");
  const [auth] = by("auth");
  for (const line of [plain, json, trace]) expect(line!._index).toContain("logs-shop-dev");
  for (const line of [...by("journal"), auth]) expect(line!._index).toContain("logs-system-dev");
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
    message: expect.stringMatching(/^kinds\dx\d-json$/),
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

test("bytes that are no text do not keep a line from the store, nor those that come with it", async () => {
  const odd: Record<string, Buffer> = {
    latin: Buffer.from("caf\xe9", "latin1"),
    half: Buffer.from([0xe2, 0x82]),
    surrogate: Buffer.from([0xed, 0xa0, 0x80]),
    overlong: Buffer.from([0xc0, 0xaf]),
    colours: Buffer.from("\x1b[31mred\x1b[0m \x01\x7f"),
    quotes: Buffer.from('"a\\" \\u12 $' + "{MESSAGE} \\"),
  };
  const newline = Buffer.from("\n");
  for (const [name, bytes] of Object.entries(odd))
    forwarder.write("a.log", Buffer.concat([Buffer.from(`odd-${name} `), bytes, newline]));
  const { lines } = await store.arrive("message:odd*", Object.keys(odd).length, 30);
  const kept = Object.fromEntries(lines.map(({ message }) => message.split(/ (.*)/s)));
  expect(kept).toEqual({
    "odd-latin": "caf\\xe9",
    "odd-half": "\\xe2\\x82",
    "odd-surrogate": "\\xed\\xa0\\x80",
    "odd-overlong": "\\xc0\\xaf",
    "odd-colours": odd.colours!.toString(),
    "odd-quotes": odd.quotes!.toString(),
  });
});

test("secrets of sixty forms in log lines do not reach the store, and what is around them does", async () => {
  expect(SECRET_LINES.length).toBeGreaterThanOrEqual(60);
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

test("private keys over several lines do not reach the store, neither from a file nor from the journal", async () => {
  for (const { lines } of PRIVATE_KEYS) {
    forwarder.write("keys.log", `${lines.join("\n")}\n`);
    await forwarder.log("user.info", "shop", lines);
  }
  forwarder.write("keys.log", "keysread of the file\n");
  await forwarder.log("user.info", "shop", "keysread of the journal");
  await store.arrive("message:keysread", 2);
  // Lines come in turn, so the keys' are there as well: what tells of each is its END.
  expect(await store.find("message:(+END +KEY)")).toHaveLength(2 * PRIVATE_KEYS.length);
  const keys = PRIVATE_KEYS.flatMap(({ body }) => body.map((line) => line.trim()));
  const stored = (await store.find("*", 10_000)).map(({ message }) => message).join("\n");
  expect(keys.filter((line) => stored.includes(line))).toEqual([]);
});

test("the store is down and the forwarder restarted meanwhile: no line is lost and none is there twice", async () => {
  const TOTAL = 15_000;
  const third = (from: number) =>
    Array.from({ length: TOTAL / 3 }, (_, n) => `outage ${from + n} ${"x".repeat(100)}\n`).join("");
  const arrived = async () => (await store.count("logs-shop-dev", { match: { message: "outage" } })).lines;
  forwarder.write("outage.log", third(0));
  await store.stop();
  forwarder.write("outage.log", third(TOTAL / 3));
  await sleep(4_000);
  await forwarder.stop();
  forwarder.write("outage.log", third((2 * TOTAL) / 3));
  await forwarder.start();
  await sleep(2_000);
  await store.start();
  await until("all lines are there", async () => (await arrived().catch(() => 0)) >= TOTAL, 120);
  // Time for what would come twice.
  await sleep(3_000);
  expect(await arrived()).toBe(TOTAL);
  for (const number of [0, 4_999, 5_000, 9_999, 10_000, 14_999]) {
    expect(await store.find(`message:"outage ${number}"`)).toHaveLength(1);
  }
});

describe("a disk buffer of its least size, with the store away", () => {
  const LINES = 10_000;
  const flood = () => Array.from({ length: LINES }, (_, n) => `flood ${n} ${"y".repeat(400)}\n`).join("");
  let small: TestForwarder;
  let door: Door;

  const fill = async (whenFull: "block" | "drop") => {
    const port = await freePort();
    door = new Door({ port, host: "127.0.0.1" }, store.port);
    const output = { endpoint: `http://127.0.0.1:${port}`, authentication: "none" } as const;
    small = await TestForwarder.make(model({ output, buffer: { sizeMb: 2, whenFull } }));
    await small.start();
    small.write("flood.log", flood());
  };
  const arrived = async () => (await store.count("logs-shop-dev", { match: { message: "flood" } })).lines;
  const dropped = () => small.counted(/^dst\.http;d_store.*;dropped;/);
  const queued = () => small.counted(/^dst\.http;d_store.*;queued;/);
  afterEach(async () => {
    await small?.remove();
    door?.stop();
  });

  test("drop: lines are left out, and how many is counted and reported in the store", async () => {
    await fill("drop");
    await until("lines are left out", async () => (await dropped()) > 0, 60);
    const counted = await settled(dropped);
    await door.start();
    await until("what was kept is there", async () => (await arrived()) >= LINES - counted, 120);
    expect(await arrived()).toBe(LINES - counted);
    // It says so itself, over a buffer of its own.
    await store.arrive(`event.dataset:forwarder AND forwarder.dropped:${counted}`, 1, 90);
  });

  test("block: nothing is left out, the files wait", async () => {
    const before = await arrived();
    await fill("block");
    await until("the buffer fills", async () => (await queued()) > 0, 60);
    // It stands still before the end of the file.
    expect(await settled(queued)).toBeLessThan(LINES);
    await door.start();
    await until("all lines are there", async () => (await arrived()) >= before + LINES, 120);
    expect([await arrived(), await dropped()]).toEqual([before + LINES, 0]);
  });
});

test("a source that writes too much is held to its rate, and what was left out is counted and reported", async () => {
  const left = (source: string) => limited.counted(new RegExp(`f_limit_${source}.*;not_matched;`));
  const arrived = async (stream: string, query: object) => (await store.count(stream, query)).lines;
  await until("lines are left out", async () => (await left("chatty")) > 0, 30);
  const counted = await settled(() => left("chatty"));
  const ofFile = () => arrived("logs-shop-dev", { term: { "event.dataset": "chatty" } });
  await until("the others are there", async () => (await ofFile()) >= CHATTY_LINES - counted, 30);
  expect(await ofFile()).toBe(CHATTY_LINES - counted);
  expect(counted).toBeGreaterThan(3_000);

  // Once for all that the journal is parted into: what is beyond the rate is not filed as something else.
  const signIns = await left("journal");
  expect(signIns).toBeGreaterThan(0);
  const ofSignIns = (dataset: string) =>
    arrived("logs-system-dev", {
      bool: { filter: [{ match: { message: "signin" } }, { term: { "event.dataset": dataset } }] },
    });
  await until("they are there as well", async () => (await ofSignIns("auth")) >= SIGN_INS - signIns, 30);
  expect([await ofSignIns("auth"), await ofSignIns("journal")]).toEqual([SIGN_INS - signIns, 0]);

  await store.arrive(`event.dataset:forwarder AND forwarder.limited:${counted + signIns}`, 1, 90);
});

test("an appliance's line that comes by syslog is in the store, and kept by sender and day", async () => {
  const line = "<14>1 2026-01-02T03:04:05Z gate7 firmware 1 - - a line of the office";
  const socket = connect(syslogPort, "127.0.0.1");
  socket.end(`${line.length} ${line}`);
  const { lines } = await store.arrive('message:"a line of the office"', 1, 30);
  expect(lines[0]).toMatchObject({ host: { name: "gate7" }, event: { dataset: "appliances" } });
  expect(lines[0]!._index).toContain("logs-system-dev");
  const kept = join(limited.root, "var/log/collected/gate7/2026-01-02.log");
  await until("it is in the file", async () => existsSync(kept) && statSync(kept).size > 0, 30);
  expect(readFileSync(kept, "utf8")).toContain("a line of the office");
});

test("the forwarder has nothing to warn of in its own configuration", () => {
  const log = readFileSync(join(forwarder.root, "var/lib/retrofit-logs/log"), "utf8");
  expect(log).not.toMatch(/WARNING|Error/);
});
