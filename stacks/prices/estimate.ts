import { HOURS_PER_MONTH, type Item } from "./items";
import type { Price, Prices } from "./price";

export interface Line {
  readonly text: string;
  readonly amount: number;
}

export interface Estimate {
  readonly lines: readonly Line[];
  /** Of a month, of what has a price. */
  readonly total: number;
  /** What has none. */
  readonly missing: readonly Item[];
  /** `AWS Pricing API, 2026-01-31`, each once. */
  readonly sources: readonly string[];
}

/** The month's sum of some items. */
export function estimate(items: readonly Item[], prices: Prices): Estimate {
  const known = items.flatMap((item) => {
    const price = prices.get(item.key);
    return price ? [{ item, price }] : [];
  });
  const lines = known.map(({ item, price }) => line(item, price));
  return {
    lines,
    total: lines.reduce((sum, { amount }) => sum + amount, 0),
    missing: items.filter(({ key }) => !prices.has(key)),
    sources: [...new Set(known.map(({ price }) => `${price.source}, ${price.date}`))],
  };
}

export function times(items: readonly Item[], count: number): Item[] {
  return items.map((item) => ({ ...item, count: item.count * count }));
}

function line({ name, count, per }: Item, { amount, currency }: Price): Line {
  const hours = per === "hour" ? HOURS_PER_MONTH : 1;
  const each = `${count} × ${name} × ${amount} ${currency}${per === "hour" ? ` × ${HOURS_PER_MONTH} h` : ""}`;
  const sum = count * amount * hours;
  return { text: `${each} = ${money(sum)}`, amount: sum };
}

export function money(amount: number): string {
  return amount.toFixed(2);
}
