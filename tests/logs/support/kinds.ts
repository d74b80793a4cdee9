/** A line of each kind that machines write, and how long it takes until the store finds it. */
import { sleep, until } from "../../support/sandbox";
import type { TestForwarder } from "./forwarder";
import type { Line, TestStore } from "./store";

/** Lines of each kind that are timed at once. */
export const ROUNDS = 5;
/** Between rounds; longer than a stack trace is waited for, so that none is ended by the next. */
const ROUND_MS = 1_500;
export const KINDS = ["plain", "json", "trace", "journal", "auth"] as const;
export type Kind = (typeof KINDS)[number];

const frames = Array.from({ length: 39 }, (_, n) => `    at com.example.Shop.step${n}(Shop.java:${n})`);
const WRITE: Record<Kind, (forwarder: TestForwarder, word: string) => void | Promise<void>> = {
  plain: (forwarder, word) => forwarder.write("a.log", `2026-01-02 WARN ${word} stock is low\n`),
  json: (forwarder, word) =>
    forwarder.write("a.json", `{"level":50,"time":1767323045000,"msg":"${word}","order":7}\n`),
  trace: (forwarder, word) =>
    forwarder.write(
      "a.trace",
      `2026-01-02 ${word} java.lang.IllegalStateException: boom\n${frames.join("\n")}\n`,
    ),
  journal: (forwarder, word) => forwarder.log("user.info", "cron", word),
  auth: (forwarder, word) => forwarder.log("auth.warning", "sshd", `${word} Failed publickey for ada`),
};

/** Writes a line of each kind now and then, with a word in it; gives the lines, and how long each was on its way, in seconds. */
export async function timed(
  store: TestStore,
  forwarder: TestForwarder,
  name: string,
  rounds = ROUNDS,
): Promise<{ lines: Line[]; seconds: Record<Kind, number[]> }> {
  const written = new Map<string, number>();
  const found = new Map<string, number>();
  const writing = (async () => {
    for (let round = 1; round <= rounds; round++) {
      for (const kind of KINDS) {
        const word = `${name}${round}-${kind}`;
        written.set(word, Date.now());
        await WRITE[kind](forwarder, word);
      }
      await sleep(ROUND_MS);
    }
  })();
  let lines: Line[] = [];
  const ofOne = new RegExp(`${name}\\d-[a-z]+`);
  const all = rounds * KINDS.length;
  const looking = until(
    "all lines are found",
    async () => {
      // Streams are there from the beginning: a store that does not answer is an error.
      lines = await store.find(`message:${name}*`);
      for (const { message } of lines) {
        const word = ofOne.exec(message)![0];
        if (!found.has(word)) found.set(word, Date.now());
      }
      return found.size === all;
    },
    60,
  );
  await Promise.all([writing, looking]);
  const way = (word: string) => (found.get(word)! - written.get(word)!) / 1000;
  const seconds = Object.fromEntries(
    KINDS.map((kind) => [kind, Array.from({ length: rounds }, (_, n) => way(`${name}${n + 1}-${kind}`))]),
  ) as Record<Kind, number[]>;
  return { lines, seconds };
}

export const median = (numbers: readonly number[]) =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)]!;
