/** Turns what the schema found into sentences: what was got, what is allowed, what to change. */
import { stringify } from "yaml";
import type { z } from "zod";
import { type ConfigProblem, formatPath, gotText, type Path, show } from "./errors";
import { docOf } from "./keys";
import { nearest } from "./nearest";
import { settings } from "./schema";
import { allPaths, getIn, keysOf, type SettingsPath, schemaAt } from "./walk";

/** A mistake, still with its path in parts, so that its line can be looked up. */
export type Mistake = Omit<ConfigProblem, "path" | "line"> & { path: Path };

type Issue = z.core.$ZodIssue;

export function inFile([key, ...rest]: SettingsPath): Path {
  return [`retrofit:${key}`, ...rest];
}

export function mistakesOf(issue: Issue, raw: unknown): Mistake[] {
  const path = issue.path as SettingsPath;
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => unknownKey([...path, key]));
  }
  const schema = schemaAt(settings, path)!;
  const doc = docOf(schema);
  const got = getIn(raw, path);
  if (issue.code === "invalid_key") return [invalidName(path)];
  return [
    {
      path: inFile(path),
      got: gotText(got),
      allowed: doc?.allowed ?? "a text",
      fix: fixOf(issue, path, got, schema),
    },
  ];
}

function fixOf(issue: Issue, path: SettingsPath, got: unknown, schema: z.ZodType): string {
  const example = docOf(schema)?.example;
  if (issue.code === "custom" && issue.params?.fix) return issue.params.fix as string;
  if (got === undefined) return `Add it, for example ${asYaml(path, example)}`;
  const expected = issue.code === "invalid_type" ? issue.expected : undefined;
  const unquoted = typeof got === "string" && isWritten(got, expected) ? JSON.parse(got) : undefined;
  if (schema.safeParse(unquoted).success) return `Take the quotes away: ${asYaml(path, unquoted)}`;
  if (expected === "string" && schema.safeParse(String(got)).success) {
    return `Put it in quotes: ${asYaml(path, String(got))}`;
  }
  return `Write for example ${asYaml(path, example)}`;
}

/** Whether a text would be of the type wanted, were it not in quotes. */
function isWritten(text: string, expected: string | undefined): boolean {
  if (expected === "boolean") return text === "true" || text === "false";
  return (expected === "number" || expected === "int") && /^-?\d+(\.\d+)?$/.test(text);
}

/** A key and its value as they would stand in the file, on one line. */
export function asYaml(path: SettingsPath, value: unknown): string {
  const text = stringify(value, { collectionStyle: "flow", lineWidth: 0 }).trim();
  const key = path.at(-1);
  if (typeof key === "number") return text;
  return path.length === 1 ? `retrofit:${key}: ${text}` : `${key}: ${text}`;
}

function unknownKey(path: SettingsPath): Mistake {
  const parent = path.slice(0, -1);
  const known = keysOf(schemaAt(settings, parent));
  return {
    path: inFile(path),
    got: "not a known key",
    allowed: known.join(", "),
    fix: unknownKeyFix(String(path.at(-1)), known, parent.length === 0),
  };
}

function unknownKeyFix(key: string, known: string[], top: boolean): string {
  const prefix = top ? "retrofit:" : "";
  const meant = nearest(key, known);
  if (meant) return `Rename it to ${prefix}${meant}.`;
  const homes = allPaths(settings).filter((path) => path.at(-1) === key && !path.includes("[]"));
  if (homes.length === 1) return `Move it: it is known as ${formatPath(inFile(homes[0]!))}.`;
  return "Remove it.";
}

function invalidName(path: SettingsPath): Mistake {
  const doc = docOf(schemaAt(settings, path.slice(0, -1))!);
  const [example] = Object.keys(doc?.example ?? {});
  return {
    path: inFile(path),
    got: `got the name ${show(path.at(-1))}`,
    allowed: doc?.allowed ?? "another name",
    fix: `Rename it, for example to ${example}.`,
  };
}
