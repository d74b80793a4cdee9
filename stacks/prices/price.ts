import type { PriceKey } from "./items";

/** A price with where it is from: a sum without that cannot be checked by anybody. */
export interface Price {
  readonly amount: number;
  readonly currency: string;
  /** `AWS Pricing API`, or what config says. */
  readonly source: string;
  /** `2026-01-31`: when it was looked up. */
  readonly date: string;
}

export type Prices = ReadonlyMap<PriceKey, Price>;
