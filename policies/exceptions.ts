import { matches } from "./patterns";

/** Leave to break a rule: for one resource, with a reason, until a day. */
export interface Exception {
  /** Name of the resource; `*` stands for any text. */
  resource: string;
  reason: string;
  /** Last day on which it holds, as `2027-03-31`. */
  expires: string;
}

export interface Judged extends Exception {
  valid: boolean;
}

/** The exception that names a resource: one that still holds before one that has lapsed. */
export function exceptionFor(
  exceptions: readonly Exception[] | undefined,
  resource: string,
  today = new Date().toISOString().slice(0, 10),
): Judged | undefined {
  const judged = (exceptions ?? [])
    .filter(({ resource: pattern }) => matches(pattern, resource))
    .map((exception) => ({
      ...exception,
      valid: exception.reason.trim() !== "" && exception.expires >= today,
    }));
  return judged.find(({ valid }) => valid) ?? judged[0];
}
