import type { Node } from "libpg-query";
import type { Catalog } from "../catalog";

/** What one statement, or one command of it, falls under. */
export interface Verdict {
  readonly rule: string;
  /** What it touches. */
  readonly subject?: string;
  /** Position in the text, where it is not the statement's own. */
  readonly at?: number;
}

/** Judges a statement of one kind and notes in the catalog what it makes. */
export type Judge<Body> = (body: Body, catalog: Catalog) => Verdict[];

export const one = (rule: string, subject?: string): Verdict[] => [
  subject === undefined ? { rule } : { rule, subject },
];

/** The kind of a node and what it holds: every node is an object with one key. */
export function open(node: Node): { kind: string; body: Record<string, unknown> } {
  const [kind = "", body = {}] = Object.entries(node)[0] ?? [];
  return { kind, body: body as Record<string, unknown> };
}

/** Visits a tree from the top, each node with its kind. */
export function walk(tree: unknown, visit: (kind: string, body: Record<string, unknown>) => void): void {
  if (Array.isArray(tree)) {
    for (const element of tree) walk(element, visit);
  } else if (typeof tree === "object" && tree !== null) {
    for (const [key, value] of Object.entries(tree)) {
      if (typeof value !== "object" || value === null) continue;
      if (/^[A-Z]/.test(key)) visit(key, value as Record<string, unknown>);
      walk(value, visit);
    }
  }
}
