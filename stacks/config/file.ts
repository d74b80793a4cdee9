import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import {
  type Document,
  isAlias,
  isMap,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type YAMLError,
} from "yaml";
import { type ConfigProblem, EnvironmentConfigError, gotText, type Path, show } from "./errors";
import { loadEnvironmentConfig } from "./load";
import { nearest } from "./nearest";
import type { EnvironmentConfig } from "./types";

export interface LoadFileOptions {
  /** Folder that local artifacts are relative to. Default: the folder of the file. */
  projectRoot?: string;
}

/** Beside `config`, what Pulumi itself keeps in the file of a stack. */
const TOP_LEVEL = ["config", "environment", "secretsprovider", "encryptedkey", "encryptionsalt"];

/**
 * The environment that a `Pulumi.<environment>.yaml` describes, checked before any engine is started. Every mistake
 * comes with its line.
 *
 * @throws EnvironmentConfigError with every mistake there is.
 */
export function loadEnvironmentFile(path: string, options: LoadFileOptions = {}): EnvironmentConfig {
  const source = basename(path);
  const stack = /^Pulumi\.(.+)\.ya?ml$/.exec(source)?.[1] ?? source;
  const text = readText(path);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) throw syntaxError(source, text, document.errors, lines);

  const content: unknown = document.toJS();
  const lineOf = (keys: Path) => lineAt(document, keys, lines);
  const misplaced = shapeProblems(content, lineOf);
  if (!isGroup(content) || !isGroup(content.config)) throw new EnvironmentConfigError(source, misplaced);
  return withProblems(source, misplaced, () =>
    loadEnvironmentConfig({
      stack,
      values: content.config as Record<string, unknown>,
      projectRoot: options.projectRoot ?? dirname(resolve(path)),
      source,
      lineOf: (keys) => lineOf(["config", ...keys]),
    }),
  );
}

/** Line of a key in an environment's file, `["retrofit:web", "max"]`; undefined when it is not written there. */
export function lineInFile(path: string, keys: Path): number | undefined {
  const lines = new LineCounter();
  const document = parseDocument(readText(path), { lineCounter: lines, prettyErrors: false });
  return document.hasIn(["config", ...keys]) ? lineAt(document, ["config", ...keys], lines) : undefined;
}

function readText(path: string): string {
  if (existsSync(path)) return readFileSync(path, "utf8");
  const folder = dirname(resolve(path));
  const environments = (existsSync(folder) ? readdirSync(folder) : [])
    .map((file) => /^Pulumi\.(.+)\.ya?ml$/.exec(file)?.[1])
    .filter((name) => name !== undefined);
  throw new EnvironmentConfigError(basename(path), [
    {
      path: basename(path),
      got: "not found",
      allowed:
        environments.length > 0
          ? `an environment with a file: ${environments.join(", ")}`
          : "an existing file",
      fix: "Name one that exists, or copy the file of the environment that is most like it.",
    },
  ]);
}

/** What is wrong around `config`, before anything in it is read. */
function shapeProblems(content: unknown, lineOf: (path: Path) => number | undefined): ConfigProblem[] {
  if (!isGroup(content) || Object.keys(content).length === 0) {
    const got = content === null || content === undefined ? "the file is empty" : gotText(content);
    return [missingConfig(got)];
  }
  const problems = Object.keys(content)
    .filter((key) => !TOP_LEVEL.includes(key))
    .map((key) => ({
      path: key,
      line: lineOf([key]),
      got: "not a known key",
      allowed: TOP_LEVEL.join(", "),
      fix: topLevelFix(key),
    }));
  if (isGroup(content.config)) return problems;
  return [...problems, { ...missingConfig(gotText(content.config ?? undefined)), line: lineOf(["config"]) }];
}

function missingConfig(got: string): ConfigProblem {
  return {
    path: "config",
    got,
    allowed: "the group that holds every retrofit: key",
    fix: "Write config: on a line of its own and the keys below it, indented by two spaces.",
  };
}

function topLevelFix(key: string): string {
  if (key.includes(":")) return "Move it below config:, indented by two spaces.";
  const meant = nearest(key, TOP_LEVEL);
  return meant ? `Rename it to ${meant}.` : "Remove it.";
}

/** Adds what is wrong around `config` to what is wrong in it, so that one message has both. */
function withProblems(
  source: string,
  found: ConfigProblem[],
  load: () => EnvironmentConfig,
): EnvironmentConfig {
  try {
    const config = load();
    if (found.length === 0) return config;
  } catch (error) {
    if (!(error instanceof EnvironmentConfigError)) throw error;
    throw new EnvironmentConfigError(source, [...found, ...error.problems]);
  }
  throw new EnvironmentConfigError(source, found);
}

/** Nothing else is said about a file that cannot be read: most of it would be wrong. */
function syntaxError(
  source: string,
  text: string,
  errors: YAMLError[],
  lines: LineCounter,
): EnvironmentConfigError {
  const first = errors[0]!;
  const { line } = lines.linePos(first.pos[0]);
  return new EnvironmentConfigError(source, [
    {
      path: "YAML",
      line,
      got: `got ${show(text.split(/\r?\n/)[line - 1]?.trimEnd() ?? "")}`,
      ...syntaxAdvice(first),
    },
  ]);
}

function syntaxAdvice({ code, message }: YAMLError): { allowed: string; fix: string } {
  if (code === "TAB_AS_INDENT")
    return { allowed: "spaces for indentation", fix: "Replace the tab by two spaces." };
  if (code === "DUPLICATE_KEY") return { allowed: "each key once", fix: "Remove one of the two." };
  return { allowed: "valid YAML", fix: `The reader says: ${message.split("\n")[0]}` };
}

/** The line of the key at a path, or of the nearest group around it that is in the file. */
function lineAt(document: Document, path: Path, lines: LineCounter): number | undefined {
  let node: Node | null = document.contents as Node | null;
  let line: number | undefined;
  for (const key of path) {
    if (isAlias(node)) node = node.resolve(document) ?? null;
    const step = stepInto(node, key);
    if (!step) break;
    if (step.at?.range) line = lines.linePos(step.at.range[0]).line;
    node = step.value;
  }
  return line;
}

function stepInto(
  node: Node | null,
  key: string | number,
): { at: Node | null; value: Node | null } | undefined {
  if (isSeq(node)) {
    const item = node.items[Number(key)] as Node | undefined;
    return item && { at: item, value: item };
  }
  if (!isMap(node)) return undefined;
  const pair = node.items.find(
    (item) => String((item.key as { value?: unknown } | null)?.value) === String(key),
  );
  return pair && { at: pair.key as Node, value: pair.value as Node | null };
}

function isGroup(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
