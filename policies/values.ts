/** Looking at values that a preview may not know yet. */
import type { Bag } from "./rule";
import { proxy } from "./sdk-proxy";

const UNKNOWN = new Set(
  Object.entries(proxy)
    .filter(([name, value]) => name.startsWith("unknown") && typeof value === "string")
    .map(([, value]) => value),
);

/** What stands for a text that a preview does not know. */
export const UNKNOWN_TEXT = proxy.unknownStringValue;

/** The object behind the SDK's proxy, in which unknown values are plain markers. */
export function raw<T>(value: T): T {
  if (typeof value !== "object" || value === null || !(value as Bag)[proxy.isSpecialProxy]) return value;
  return (value as Bag)[proxy.getSpecialProxyTarget] as T;
}

export const isUnknown = (bag: Bag, key: string): boolean => UNKNOWN.has(raw(bag)[key]);

/** Something is there, whether or not its value is known. */
export function given(bag: Bag | undefined, key: string): boolean {
  const value = bag && raw(bag)[key];
  return (
    value !== undefined && value !== null && value !== "" && !(Array.isArray(value) && value.length === 0)
  );
}

/** The value, or undefined where it is unknown: for rules to which an unknown value can do no harm. */
export function knownValue(bag: Bag, key: string): unknown {
  return isUnknown(bag, key) ? undefined : bag[key];
}

/** A list of what is known in it; a list that is unknown as a whole has nothing in it. */
export function knownItems(bag: Bag, key: string): unknown[] {
  const list = raw(bag)[key];
  return Array.isArray(list) ? list.filter((item) => !UNKNOWN.has(item)) : [];
}

export const list = <T = Bag>(value: T | T[] | undefined | null): T[] =>
  value === undefined || value === null ? [] : Array.isArray(value) ? value : [value];

/** True, also where it is written as text, as Terraform's state has it. */
export const isTrue = (value: unknown): boolean => value === true || value === "true";
