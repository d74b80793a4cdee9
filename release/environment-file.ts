/**
 * Edits the releases in the text of a `Pulumi.<environment>.yaml`. Only what changes is touched: comments, order,
 * quoting and line endings stay as whoever keeps the file wrote them.
 */
import {
  type Document,
  isMap,
  isScalar,
  type Node,
  type Pair,
  parse,
  parseDocument,
  Scalar,
  stringify,
  type YAMLMap,
} from "yaml";
import type { ReleaseConfig } from "../stacks/config";

export interface Releases {
  live: ReleaseConfig | undefined;
  standby: ReleaseConfig | undefined;
}

const KEYS = { live: "retrofit:live", standby: "retrofit:standby" } as const;

/** A piece of the text and what comes in its place. */
interface Edit {
  from: number;
  to: number;
  text: string;
}

/** The text with other releases in it; the same text when they are in it already. */
export function setReleases(text: string, { live, standby }: Releases): string {
  // Standby goes in behind live, so live has to be there first.
  return setRelease(setRelease(text, "live", live), "standby", standby);
}

function setRelease(text: string, role: keyof Releases, release: ReleaseConfig | undefined): string {
  const fields = release && fieldsOf(release);
  const edited = apply(text, editsFor(text, role, fields));
  return says(edited, role, fields) ? edited : rewritten(text, role, fields);
}

/** In the order they are read best; nothing that is a default. */
function fieldsOf({ version, artifact, sha256, image, database }: ReleaseConfig): Record<string, string> {
  const all = { version, artifact, sha256, image, database: database === "none" ? undefined : database };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Record<
    string,
    string
  >;
}

/** Whether the text reads as wanted. Odd shapes (flow style, anchors) can escape the edits below. */
function says(text: string, role: keyof Releases, fields: Record<string, string> | undefined): boolean {
  try {
    const found = (parse(text) as { config?: Record<string, unknown> } | null)?.config?.[KEYS[role]];
    return JSON.stringify(sorted(found)) === JSON.stringify(sorted(fields));
  } catch {
    return false;
  }
}

function sorted(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  return Object.entries(value)
    .filter(([key, field]) => !(key === "database" && field === "none"))
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The long way round: keeps comments and order, but may lay out the rest of the file anew. */
function rewritten(text: string, role: keyof Releases, fields: Record<string, string> | undefined): string {
  const document = parseDocument(text);
  if (fields) document.setIn(["config", KEYS[role]], document.createNode(fields));
  else document.deleteIn(["config", KEYS[role]]);
  const result = document.toString({ lineWidth: 0 });
  return text.includes("\r\n") ? result.replace(/\r?\n/g, "\r\n") : result;
}

function editsFor(text: string, role: keyof Releases, fields: Record<string, string> | undefined): Edit[] {
  const config = (parseDocument(text) as Document).get("config");
  if (!isMap(config) || config.flow) return [];
  const pair = pairOf(config, KEYS[role]);
  if (!pair) return fields ? [insertion(text, config, role, fields)] : [];
  if (!fields) return [removal(text, pair)];
  const release = pair.value;
  if (isMap(release) && !release.flow) return blockEdits(text, release, fields);
  return isMap(release) || isScalar(release) ? flowEdits(text, release, fields) : [];
}

/** `{ version: 1.0.0, artifact: … }` is short enough to be written anew as a whole. */
function flowEdits(text: string, release: YAMLMap | Scalar, fields: Record<string, string>): Edit[] {
  if (JSON.stringify(sorted(release.toJSON())) === JSON.stringify(sorted(fields))) return [];
  const flow = Object.entries(fields).map(([key, value]) => `${key}: ${flowScalar(value)}`);
  const [from, to] = release.range!;
  return [{ from, to, text: `${text[from - 1] === ":" ? " " : ""}{ ${flow.join(", ")} }` }];
}

function blockEdits(text: string, release: YAMLMap, fields: Record<string, string>): Edit[] {
  const indent = indentAt(text, startOf(release.items[0] as Pair));
  const edits: Edit[] = [];
  for (const item of release.items as Pair[]) {
    const key = String((item.key as Scalar).value);
    const wanted = key === "database" ? (fields.database ?? "none") : fields[key];
    if (wanted === undefined) edits.push(removal(text, item));
    else if (isScalar(item.value) && item.value.value !== wanted) edits.push(replacement(item.value, wanted));
  }
  const missing = Object.entries(fields).filter(([key]) => !pairOf(release, key));
  const end = lineEnd(text, endOf(release.items.at(-1) as Pair));
  if (missing.length > 0) edits.push({ from: end, to: end, text: lines(text, missing, indent) });
  return edits;
}

function replacement(old: Scalar, value: string): Edit {
  const [from, to] = old.range!;
  // A block scalar has a line of its own for its text, which one value on one line cannot keep.
  const style = old.type?.startsWith("BLOCK") ? undefined : old.type;
  return { from, to, text: scalar(value, style) };
}

/** A release of its own lines: standby right behind live, live at the end. */
function insertion(
  text: string,
  config: YAMLMap,
  role: keyof Releases,
  fields: Record<string, string>,
): Edit {
  const before = (role === "standby" && pairOf(config, KEYS.live)) || (config.items.at(-1) as Pair);
  const indent = indentAt(text, startOf(config.items[0] as Pair));
  const at = lineEnd(text, endOf(before));
  const head = `${newline(text)}${indent}${KEYS[role]}:`;
  return { from: at, to: at, text: head + lines(text, Object.entries(fields), `${indent}  `) };
}

/** The lines of a key, with the line break before them. */
function removal(text: string, pair: Pair): Edit {
  const from = text.lastIndexOf("\n", startOf(pair)) + 1;
  const to = lineEnd(text, endOf(pair));
  const next = text.indexOf("\n", to);
  return { from, to: next < 0 ? text.length : next + 1, text: "" };
}

function lines(text: string, fields: [string, string][], indent: string): string {
  return fields.map(([key, value]) => `${newline(text)}${indent}${key}: ${scalar(value)}`).join("");
}

function scalar(value: string, type?: Scalar["type"]): string {
  const node = new Scalar(value);
  node.type = type;
  return stringify(node, { lineWidth: 0 }).trimEnd();
}

/** Inside braces some more characters need quotes. */
function flowScalar(value: string): string {
  return /[,[\]{}]/.test(value) ? JSON.stringify(value) : scalar(value);
}

function pairOf(map: YAMLMap, key: string): Pair | undefined {
  return (map.items as Pair[]).find((item) => isScalar(item.key) && item.key.value === key);
}

const startOf = (pair: Pair): number => (pair.key as Node).range![0];

/** Where the last written character of a pair is behind; ranges of block groups reach into the comments after them. */
function endOf(pair: Pair): number {
  const { value } = pair;
  const last = isMap(value) && !value.flow ? (value.items.at(-1) as Pair | undefined) : undefined;
  if (last) return endOf(last);
  return (value as Node | null)?.range?.[1] ?? (pair.key as Node).range![1];
}

/** The end of the line that `at` is in, without its line break. */
function lineEnd(text: string, at: number): number {
  // A range may end behind the line break of a value that stood on lines of its own.
  const from = text[at - 1] === "\n" ? at - 1 : at;
  const end = text.indexOf("\n", from);
  if (end < 0) return text.length;
  return text[end - 1] === "\r" ? end - 1 : end;
}

function indentAt(text: string, at: number): string {
  return /^[ ]*/.exec(text.slice(text.lastIndexOf("\n", at) + 1))![0];
}

const newline = (text: string): string => (text.includes("\r\n") ? "\r\n" : "\n");

function apply(text: string, edits: Edit[]): string {
  return edits
    .sort((a, b) => b.from - a.from)
    .reduce((result, { from, to, text: piece }) => result.slice(0, from) + piece + result.slice(to), text);
}
