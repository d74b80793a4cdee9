/** From the keys of a file, or of a running program, to the settings that the schema checks. */
import { z } from "zod";
import { show } from "./errors";
import { nearest } from "./nearest";
import type { Mistake } from "./problems";
import { settings } from "./schema";
import { schemaAt, setIn } from "./walk";

/** Stands for a value that Pulumi holds encrypted, in a file and in {@link readRuntimeConfig} alike. */
export const SECURE_KEY = "secure";

export interface Keys {
  /** What stands behind `retrofit:`. */
  raw: Record<string, unknown>;
  region: string | undefined;
  mistakes: Mistake[];
}

export function readKeys(values: Record<string, unknown>): Keys {
  const keys: Keys = { raw: {}, region: undefined, mistakes: [] };
  for (const [key, value] of Object.entries(values)) {
    const [namespace = "", ...rest] = key.split(":");
    const name = rest.join(":");
    if (key === "aws:region") keys.region = value as string;
    else if (namespace === "retrofit" && name !== "") readSetting(name, value, keys);
    else keys.mistakes.push(...namespaceMistakes(key, namespace, name));
  }
  return keys;
}

function readSetting(name: string, value: unknown, keys: Keys): void {
  const decoded = asWritten(decode(name, value));
  const secrets = secretsIn(decoded, [name]);
  keys.raw[name] = decoded;
  for (const path of secrets) {
    keys.mistakes.push({
      path: [`retrofit:${name}`, ...path.slice(1)],
      got: "got an encrypted value",
      allowed: "plain values only: they end in launch templates, which many may read",
      fix: "Keep the secret in Secrets Manager and write its ARN here; the application reads it by its role.",
    });
    keys.raw = setIn(keys.raw, path, undefined) as Record<string, unknown>;
  }
}

const STRUCTURED = [z.ZodObject, z.ZodRecord, z.ZodArray, z.ZodBoolean];

/** Pulumi hands a program every value as text: groups and lists as JSON, the rest as it stands. */
function decode(name: string, value: unknown): unknown {
  if (typeof value !== "string") return value;
  const schema = schemaAt(settings, [name]);
  if (!STRUCTURED.some((kind) => schema instanceof kind)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/**
 * The engine reads `2027-03-31` without quotes as a moment, hands it over as `2027-03-31 00:00:00 +0000 UTC`, and writes it
 * so into the file when it has to write there.
 */
function asWritten(value: unknown): unknown {
  if (typeof value === "string") return value.replace(/^(\d{4}-\d\d-\d\d) 00:00:00 \+0000 UTC$/, "$1");
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(asWritten);
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, asWritten(child)]));
}

function secretsIn(value: unknown, at: (string | number)[]): (string | number)[][] {
  if (typeof value !== "object" || value === null) return [];
  const entries = Object.entries(value);
  if (entries.length === 1 && entries[0]![0] === SECURE_KEY && typeof entries[0]![1] === "string")
    return [at];
  return entries.flatMap(([key, child]) =>
    secretsIn(child, [...at, Array.isArray(value) ? Number(key) : key]),
  );
}

/** Other namespaces belong to providers and are theirs to check, unless they look like a slip of the pen. */
function namespaceMistakes(key: string, namespace: string, name: string): Mistake[] {
  const known = Object.keys(settings.shape);
  if (name === "") {
    const meant = known.includes(key) ? key : nearest(key, known);
    return [
      {
        path: [key],
        got: "a key without a namespace",
        allowed: "retrofit:<key>, or a provider's own such as aws:region",
        fix: meant ? `Rename it to retrofit:${meant}.` : "Remove it, or write the namespace in front.",
      },
    ];
  }
  if (nearest(namespace, ["retrofit"]) === undefined) return [];
  const meant = known.includes(name) ? name : (nearest(name, known) ?? name);
  return [
    {
      path: [key],
      got: `got the namespace ${show(namespace)}`,
      allowed: "retrofit",
      fix: `Rename it to retrofit:${meant}.`,
    },
  ];
}
