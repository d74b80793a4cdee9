/** Lines of JSON as applications write them by mistake: a store that refuses one, or never answers, loses or stops the rest. */
import type { TestStore } from "./store";

const at = "2026-01-05T00:00:00.000+00:00";
const nested = (levels: number) => `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;

const TIMES: [of: string, line: string, time: string][] = [
  ["seconds", '{"ts":1767323045}', "2026-01-02T03:04:05.000Z"],
  ["seconds with a fraction", '{"ts":1767323045.123}', "2026-01-02T03:04:05.123Z"],
  ["milliseconds", '{"time":1767323045123}', "2026-01-02T03:04:05.123Z"],
  ["microseconds", '{"timestamp":1767323045123000}', "2026-01-02T03:04:05.123Z"],
  ["nanoseconds", '{"time":"1767323045123000000"}', "2026-01-02T03:04:05.123Z"],
  ["seconds since the program's start", '{"ts":12.5}', at],
  ["no moment", '{"ts":1e300}', at],
];

export function testJsonLines(storeOf: () => TestStore): void {
  /** The line as it is kept. */
  async function keep(message: string) {
    const word = `json${Math.random().toString(36).slice(2)}`;
    const line = { "@timestamp": at, message, retrofit: { format: "json" }, log: { file: { path: word } } };
    await storeOf().write("logs-shop-dev", [line]);
    const [kept] = await storeOf().find(`log.file.path:${word}`);
    return kept!;
  }

  test("a value or a name that no index could hold is kept beside the others", async () => {
    const long = "€ ".repeat(20_000);
    const message = JSON.stringify({
      msg: "m",
      order: 7,
      body: long,
      ["k".repeat(40_000)]: 1,
      in: { it: long },
    });
    const kept = await keep(message);
    expect(kept).toMatchObject({ message: "m", labels: { order: 7 } });
    const beside = kept.labels_unindexed as object;
    expect(new Set(Object.keys(beside).map((name) => name[0]))).toEqual(new Set(["b", "k", "i"]));
    expect(beside).toMatchObject({ body: long, in: { it: long } });
  });

  // As deep as the store's reader goes, and far deeper than its stack.
  test("a line of hundreds of levels is kept, and the store answers", async () => {
    expect(await keep(`{"msg":"m","order":7,"of":${nested(90)}}`)).toMatchObject({
      message: "m",
      labels: { order: 7 },
      labels_unindexed: { of: { a: { a: {} } } },
    });
    for (const levels of [490, 990, 20_000])
      expect((await keep(nested(levels))).labels ?? {}).not.toHaveProperty("a");
    const text = nested(2_000);
    expect((await keep(text)).message).toBe(text);
  });

  test.each(TIMES)("a time in %s", async (_, line, time) => {
    expect(await keep(line)).toMatchObject({ "@timestamp": time });
  });

  test("a level that is no number of a level takes nothing else away", async () => {
    expect(await keep('{"level":99999999999,"order":7}')).toMatchObject({ labels: { order: 7 } });
  });
}
