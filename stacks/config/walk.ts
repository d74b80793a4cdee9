/** Ways through the schema and through values that follow it. */
import { z } from "zod";
import { inner } from "./keys";

export type SettingsPath = readonly (string | number)[];

/** The schema at a path below `schema`, with optional and default taken off; `undefined` when there is none. */
export function schemaAt(schema: z.ZodType, path: SettingsPath): z.ZodType | undefined {
  const bare = unwrapped(schema);
  const [head, ...rest] = path;
  if (head === undefined) return bare;
  const next = childOf(bare, head);
  return next && schemaAt(next, rest);
}

function childOf(schema: z.ZodType, key: string | number): z.ZodType | undefined {
  if (schema instanceof z.ZodObject) return (schema.shape as Record<string, z.ZodType>)[key];
  if (schema instanceof z.ZodArray) return schema.element as z.ZodType;
  if (schema instanceof z.ZodRecord) return schema.valueType as z.ZodType;
  return undefined;
}

function unwrapped(schema: z.ZodType): z.ZodType {
  const next = inner(schema);
  return next ? unwrapped(next) : schema;
}

export function keysOf(schema: z.ZodType | undefined): string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

/** Every path that can be written, groups before what is in them; `[]` stands for the items of a list. */
export function allPaths(schema: z.ZodType, at: readonly string[] = []): string[][] {
  const bare = unwrapped(schema);
  if (bare instanceof z.ZodArray) return allPaths(bare.element as z.ZodType, [...at, "[]"]);
  if (!(bare instanceof z.ZodObject)) return [];
  return Object.entries(bare.shape as Record<string, z.ZodType>).flatMap(([key, child]) => [
    [...at, key],
    ...allPaths(child, [...at, key]),
  ]);
}

export function getIn(value: unknown, path: SettingsPath): unknown {
  return path.reduce<unknown>(
    (at, key) => (typeof at === "object" && at !== null ? (at as Record<string, unknown>)[key] : undefined),
    value,
  );
}

/** A copy with another value at `path`; `undefined` takes it away. */
export function setIn(value: unknown, path: SettingsPath, next: unknown): unknown {
  const [head, ...rest] = path;
  if (head === undefined) return next;
  const copy: Record<string | number, unknown> = Array.isArray(value)
    ? ([...value] as never)
    : { ...(typeof value === "object" ? value : {}) };
  const child = setIn(copy[head], rest, next);
  if (child === undefined) delete copy[head];
  else copy[head] = child;
  return copy;
}
