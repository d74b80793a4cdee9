/** Small makers of schema keys: every key carries what it means, what is allowed, and an example for the error's fix. */
import { z } from "zod";

/** What a key says about itself, read by the error messages, the JSON Schema and the reference in `docs/`. */
export interface KeyDoc {
  description: string;
  allowed: string;
  example: unknown;
}

type Doc<T> = { is: string; allowed: string; example: T };

function documented<S extends z.ZodType>(schema: S, { is, allowed, example }: Doc<unknown>): S {
  return schema.meta({ description: is, allowed, examples: [example] }) as S;
}

/** The documentation of a key, found below any `.optional()` and `.default()`. */
export function docOf(schema: z.ZodType): KeyDoc | undefined {
  for (let at: z.ZodType | undefined = schema; at; at = inner(at)) {
    const meta = at.meta();
    if (meta?.allowed) {
      const { description, allowed, examples } = meta as unknown as {
        description: string;
        allowed: string;
        examples: unknown[];
      };
      return { description, allowed, example: examples[0] };
    }
  }
  return undefined;
}

/** One wrapper less, or `undefined` when there is none. */
export function inner(schema: z.ZodType): z.ZodType | undefined {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return schema.unwrap() as z.ZodType;
  return undefined;
}

export const whole = (min: number, max: number, is: string, example: number) =>
  documented(z.int().min(min).max(max), { is, allowed: `a whole number from ${min} to ${max}`, example });

export const decimal = (min: number, max: number, is: string, example: number) =>
  documented(z.number().min(min).max(max), { is, allowed: `a number from ${min} to ${max}`, example });

export const flag = (is: string, example: boolean) =>
  documented(z.boolean(), { is, allowed: "true or false", example });

export const choice = <const T extends readonly [string, ...string[]]>(
  of: T,
  is: string,
  example: T[number],
) => documented(z.enum(of), { is, allowed: of.join(", ").replace(/, ([^,]*)$/, " or $1"), example });

export const text = (pattern: RegExp, doc: Doc<string>) => documented(z.string().regex(pattern), doc);

/** A text whose form no pattern can tell. `test` answers what to change, or nothing when the text is right. */
export const checked = (test: (value: string) => string | undefined, doc: Doc<string>) =>
  documented(
    z.string().superRefine((value, context) => {
      const fix = test(value);
      if (fix !== undefined) context.addIssue({ code: "custom", params: { fix } });
    }),
    doc,
  );

/** A number of which only some are allowed. */
export const oneOf = (values: readonly number[], is: string, example: number) =>
  documented(
    z.int().refine((value) => values.includes(value)),
    { is, allowed: `one of ${values.join(", ")}`, example },
  );

/** Its own rule is tested even when an item is wrong, so that a user sees both mistakes at once. */
export const list = <S extends z.ZodType>(
  item: S,
  doc: Doc<unknown[]>,
  test: (items: z.output<S>[]) => boolean = () => true,
) => documented(z.array(item).refine(test, { when: ({ value }) => Array.isArray(value) }), doc);

export const table = <S extends z.ZodType>(key: RegExp, value: S, doc: Doc<Record<string, unknown>>) =>
  documented(z.record(z.string().regex(key), value), doc);

/** A group of keys; any other key in it is a mistake. */
export const group = <T extends z.ZodRawShape>(is: string, shape: T, example: unknown) =>
  documented(z.strictObject(shape), {
    is,
    allowed: `a group with ${Object.keys(shape).join(", ")}`,
    example,
  });

export const urlPath = (is: string, example: string) =>
  text(/^\/[\x21-\x7e]*$/, { is, allowed: "a path that begins with / and has no spaces", example });

/** For lists in which nothing may stand twice. */
export const different = (items: unknown[]): boolean => new Set(items).size === items.length;

export const notEmpty = (items: unknown[]): boolean => items.length > 0;

/** For lists that need something in them, and each thing once. */
export const someDifferent = (items: unknown[]): boolean => notEmpty(items) && different(items);
