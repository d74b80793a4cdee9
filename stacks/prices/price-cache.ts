/** Prices looked up before, in a file of the user's, each with its day. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import type { PriceKey } from "./items";
import type { Price } from "./price";

const FRESH_DAYS = 7;
/** So that each preview on a train does not wait for the network again. */
const RETRY_MINUTES = 15;
const DAY = 86_400_000;

interface Content {
  /** By `region/currency/key`. */
  prices: Record<string, Price>;
  /** By endpoint, when it could not be reached, in epoch milliseconds. */
  unreachable: Record<string, number>;
}

export class PriceCache {
  private readonly content: Content;

  constructor(
    private readonly file = join(
      process.env.RETROFIT_HOME ?? join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "retrofit"),
      "prices.json",
    ),
    private readonly now = () => Date.now(),
  ) {
    this.content = read(file);
  }

  get(region: string, currency: string, key: PriceKey): Price | undefined {
    const price = this.content.prices[`${region}/${currency}/${key}`];
    return price && this.now() - Date.parse(price.date) < FRESH_DAYS * DAY ? price : undefined;
  }

  put(region: string, currency: string, key: PriceKey, price: Price): void {
    this.content.prices[`${region}/${currency}/${key}`] = price;
  }

  wasUnreachable(endpoint: string): boolean {
    return this.now() - (this.content.unreachable[endpoint] ?? 0) < RETRY_MINUTES * 60_000;
  }

  setUnreachable(endpoint: string): void {
    this.content.unreachable[endpoint] = this.now();
  }

  /** A file that cannot be written costs the next command a look-up, and nothing else. */
  save(): void {
    try {
      mkdirSync(dirname(this.file), { recursive: true });
      const draft = `${this.file}.${process.pid}`;
      writeFileSync(draft, `${JSON.stringify(this.content, null, 2)}\n`);
      renameSync(draft, this.file);
    } catch {}
  }
}

function read(file: string): Content {
  try {
    const { prices = {}, unreachable = {} } = JSON.parse(readFileSync(file, "utf8")) as Partial<Content>;
    return { prices, unreachable };
  } catch {
    return { prices: {}, unreachable: {} };
  }
}
