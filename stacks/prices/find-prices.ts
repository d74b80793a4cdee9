import type { PricingClient } from "@aws-sdk/client-pricing";
import type { PricesConfig } from "../config/types";
import type { PriceKey } from "./items";
import type { Price, Prices } from "./price";
import { PriceCache } from "./price-cache";
import { askPrice, pricingRegion } from "./price-list";

/** All look-ups of one command together: a preview must not hang where there is no network. */
const TIMEOUT_MILLISECONDS = 4_000;

export interface PriceOptions {
  /** Prices of the environment's file, for what the API does not tell. */
  readonly own?: PricesConfig;
  readonly currency?: string;
  readonly cache?: PriceCache;
  readonly client?: Pick<PricingClient, "send">;
  readonly timeoutMilliseconds?: number;
}

export interface FoundPrices {
  readonly prices: Prices;
  /** Why the API was not asked, or did not answer; undefined when it did, or did not need to. */
  readonly unreachable?: string;
}

/** Prices in a region: looked up before, else from the AWS Pricing API, else from config. Never from memory. */
export async function findPrices(
  region: string,
  keys: readonly PriceKey[],
  options: PriceOptions = {},
): Promise<FoundPrices> {
  const { own, currency = "USD", cache = new PriceCache() } = options;
  const prices = new Map<PriceKey, Price>();
  const ask: PriceKey[] = [];
  for (const key of new Set(keys)) {
    const kept = cache.get(region, currency, key);
    if (kept) prices.set(key, kept);
    else ask.push(key);
  }
  const unreachable = ask.length > 0 ? await look(region, currency, ask, prices, cache, options) : undefined;
  for (const key of ask) {
    const amount = own && ownPrice(own, key);
    if (own && amount !== undefined && !prices.has(key)) {
      prices.set(key, { amount, currency: own.currency, source: own.source, date: own.date });
    }
  }
  return { prices, ...(unreachable && { unreachable }) };
}

/** What is paid by the GB and month has a key of its own in the file. */
export const isOfMonth = (key: PriceKey): key is "volumeGbMonth" | "databaseGbMonth" | "searchGbMonth" =>
  key.endsWith("GbMonth");

function ownPrice(own: PricesConfig, key: PriceKey): number | undefined {
  return isOfMonth(key) ? own[key] : own.hourly[key];
}

/** Fills `prices` with what the API tells; says why when it does not. */
async function look(
  region: string,
  currency: string,
  keys: readonly PriceKey[],
  prices: Map<PriceKey, Price>,
  cache: PriceCache,
  { client, timeoutMilliseconds = TIMEOUT_MILLISECONDS }: PriceOptions,
): Promise<string | undefined> {
  const where = process.env.AWS_ENDPOINT_URL_PRICING ?? process.env.AWS_ENDPOINT_URL ?? pricingRegion(region);
  if (!client && cache.wasUnreachable(where)) return "it could not be reached a moment ago";
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), timeoutMilliseconds);
  const overdue = new Promise<never>((_, reject) =>
    abort.signal.addEventListener("abort", () =>
      reject(new Error(`no answer within ${timeoutMilliseconds / 1000} s`)),
    ),
  );
  overdue.catch(() => {});
  try {
    const asked = client ?? (await pricingClient(region));
    const date = new Date().toISOString().slice(0, 10);
    const answers = keys.map(async (key) => {
      const amount = await askPrice(asked, key, region, currency, abort.signal);
      if (amount === undefined) return;
      const price = { amount, currency, source: "AWS Pricing API", date };
      prices.set(key, price);
      cache.put(region, currency, key, price);
    });
    await Promise.race([Promise.all(answers), overdue]);
    return undefined;
  } catch (error) {
    cache.setUnreachable(where);
    return (error as Error).message.split("\n")[0] || (error as Error).name;
  } finally {
    clearTimeout(timer);
    cache.save();
  }
}

async function pricingClient(region: string): Promise<PricingClient> {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
  const { PricingClient } = await import("@aws-sdk/client-pricing");
  return new PricingClient({ region: pricingRegion(region), maxAttempts: 1 });
}
