/**
 * A million lines at the highest rate that forwarder and store take, with the store away for two minutes and the forwarder
 * restarted meanwhile: `npm run test:logs:large`. Takes some minutes; closes as the other test commands do.
 */
import { until } from "../support/sandbox";
import { FOLDER_OF_LOGS, TestForwarder } from "./support/forwarder";
import { LARGE_STORE, say, TestStore } from "./support/store";

const LINES = Number(process.argv[2] ?? 1_000_000);
const AWAY_SECONDS = Number(process.argv[3] ?? 120);
const BATCH = 20_000;

async function main(): Promise<void> {
  const store = await TestStore.start(LARGE_STORE);
  const forwarder = await TestForwarder.make({
    environment: "dev",
    output: { endpoint: store.endpoint, authentication: "none" },
    buffer: { sizeMb: 2048 },
    sources: [
      { type: "files", name: "application", application: "shop", paths: [`${FOLDER_OF_LOGS}/*.log`] },
    ],
  });
  try {
    await store.setUp();
    await forwarder.start();
    const started = Date.now();
    write(forwarder, 0, LINES / 2);
    await until("the first lines are there", async () => (await store.count("logs-shop-dev")).lines > 0, 120);
    tell("store stopped");
    await store.stop();
    write(forwarder, LINES / 2, LINES);
    await pause(AWAY_SECONDS / 2);
    tell("forwarder restarted");
    await forwarder.stop();
    await forwarder.start();
    await pause(AWAY_SECONDS / 2);
    await store.start();
    tell("store started");
    const back = Date.now();
    const before = (await store.count("logs-shop-dev")).lines;
    await until(
      "all lines are there",
      async () => (await store.count("logs-shop-dev").catch(() => ({ lines: 0 }))).lines >= LINES,
      3600,
    );
    const rate = Math.round((LINES - before) / ((Date.now() - back) / 1000));
    tell(
      `all there ${Math.round((Date.now() - started) / 1000)} s after the first; ${rate} lines/s once the store was back`,
    );
    await pause(5);
    judge(await seen(store));
  } finally {
    await forwarder.remove();
    await store.remove();
  }
}

function write(forwarder: TestForwarder, from: number, to: number): void {
  for (let first = from; first < to; first += BATCH) {
    const numbers = Array.from({ length: Math.min(BATCH, to - first) }, (_, n) => first + n);
    forwarder.write(
      "a.log",
      numbers.map((n) => `${n} INFO GET /products/${n % 997} 200 in ${n % 83} ms\n`).join(""),
    );
  }
}

/** How often each line is there, read one by one: a count alone would not see one lost and another there twice. */
async function seen(store: TestStore): Promise<Uint8Array> {
  type Page = { _scroll_id: string; hits: { hits: { _source: { message: string } }[] } };
  const times = new Uint8Array(LINES);
  let page = await store.store.send<Page>("POST", "/logs-shop-dev/_search?scroll=5m", {
    size: 10_000,
    _source: ["message"],
    sort: ["_doc"],
  });
  while (page.hits.hits.length > 0) {
    for (const { _source } of page.hits.hits) times[Number.parseInt(_source.message, 10)]! += 1;
    page = await store.store.send<Page>("POST", "/_search/scroll", {
      scroll: "5m",
      scroll_id: page._scroll_id,
    });
  }
  return times;
}

function judge(times: Uint8Array): void {
  const lost = times.filter((count) => count === 0).length;
  const twice = times.filter((count) => count > 1).length;
  const failed = [lost, twice].filter((count) => count > 0).length;
  tell(`${lost} of ${LINES.toLocaleString("en")} lines lost, ${twice} there twice`);
  console.log(`${2 - failed} passed, ${failed} failed, 0 skipped`);
  process.exitCode = failed;
}

const tell = (detail: string) => say({ step: "a million lines", state: "update", detail });
const pause = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

main().catch((error: Error) => {
  console.error(error);
  console.log("0 passed, 1 failed, 0 skipped");
  process.exitCode = 1;
});
