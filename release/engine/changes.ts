import type { EngineEvent } from "@pulumi/pulumi/automation";
import { kindOf, parseUrn } from "./urn";

const OPERATIONS = ["create", "update", "replace", "delete"] as const;

/** What the engine plans to do with a resource. */
export interface Change {
  operation: (typeof OPERATIONS)[number];
  /** As a person says it: `bucket web-access-logs`. */
  resource: string;
  /** Properties that make it necessary. */
  because: string[];
}

/** The change that an event tells; undefined for single steps of a replacement, and for components and providers. */
export function plannedChange({ resourcePreEvent }: EngineEvent): Change | undefined {
  if (!resourcePreEvent) return undefined;
  const { op, urn, diffs = [], keys = [], old, new: next } = resourcePreEvent.metadata;
  const operation = OPERATIONS.find((known) => known === op);
  const { type, name } = parseUrn(urn);
  if (!operation || (next ?? old)?.custom === false || type.startsWith("pulumi:")) return undefined;
  const because = [...(operation === "replace" && keys.length > 0 ? keys : diffs)].sort();
  return { operation, resource: `${kindOf(type)} ${name}`, because: operation === "delete" ? [] : because };
}

/** How many there are of each operation, in the order in which people look for them. */
export function countChanges(changes: readonly Change[]): Record<string, number> {
  const of = (operation: string) => changes.filter((change) => change.operation === operation).length;
  return Object.fromEntries(OPERATIONS.map((name) => [name, of(name)]).filter(([, n]) => n !== 0));
}

/** `2 to create, 1 to replace`, or nothing. */
export function describeChanges(changes: readonly Change[]): string {
  return Object.entries(countChanges(changes))
    .map(([operation, n]) => `${n} to ${operation}`)
    .join(", ");
}
