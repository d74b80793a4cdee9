import { hasSqlDetails, loadModule, type Node, parseSync } from "libpg-query";

/** One statement of a file. */
export interface Statement {
  readonly node: Node;
  /** Line of its first word, from 1. */
  readonly line: number;
  /** Comments that let the statement pass. */
  readonly allowances: readonly Allowance[];
}

/** `-- retrofit:allow <rule>[, <rule>]: <reason>` right before a statement. */
export interface Allowance {
  readonly rules: readonly string[];
  readonly reason: string;
  readonly line: number;
}

export interface ParsedFile {
  readonly statements: readonly Statement[];
  /** Line of a position that the parser names. */
  lineAt(offset: number): number;
}

/** What PostgreSQL's parser does not understand. */
export class SyntaxProblem extends Error {
  constructor(
    message: string,
    readonly line: number,
    /** The text begins with a backslash there: a command of the psql client. */
    readonly psqlCommand: boolean,
  ) {
    super(message);
    this.name = "SyntaxProblem";
  }
}

/** Has to be awaited once before anything is parsed: the parser is WebAssembly. */
export const loadParser: () => Promise<void> = loadModule;

/**
 * Splits a file into statements, as PostgreSQL's own parser does.
 *
 * @throws SyntaxProblem
 */
export function parseFile(sql: string): ParsedFile {
  // Positions of the parser count bytes.
  const bytes = Buffer.from(sql, "utf8");
  const lineAt = (offset: number) => newlines(bytes.subarray(0, Math.max(0, offset))) + 1;
  let result: ReturnType<typeof parseSync>;
  try {
    // An empty text is nothing that the parser takes.
    result = skipTrivia(bytes, 0) >= bytes.length ? { stmts: [] } : parseSync(sql);
  } catch (error) {
    const details = hasSqlDetails(error) ? error.sqlDetails : undefined;
    const offset = details?.cursorPosition ?? 0;
    const psql = /near "\\"/.test((error as Error).message);
    // This one position counts characters.
    const line = newlines(Buffer.from(Array.from(sql).slice(0, offset).join(""))) + 1;
    throw new SyntaxProblem((error as Error).message, line, psql);
  }
  const statements: Statement[] = [];
  let end = 0;
  for (const raw of result.stmts ?? []) {
    const start = skipTrivia(bytes, end);
    const before = bytes.subarray(end, start).toString("utf8");
    if (raw.stmt) {
      statements.push({ node: raw.stmt, line: lineAt(start), allowances: allowancesIn(before, lineAt(end)) });
    }
    // The last statement has no length.
    end = (raw.stmt_location ?? 0) + (raw.stmt_len ?? bytes.length);
  }
  return { statements, lineAt };
}

function newlines(bytes: Uint8Array): number {
  let found = 0;
  for (const byte of bytes) if (byte === 0x0a) found += 1;
  return found;
}

const DASH = 0x2d;
const SLASH = 0x2f;
const STAR = 0x2a;
const SEMICOLON = 0x3b;

/** Position of the first byte that is neither space, comment nor an empty statement. Block comments nest in PostgreSQL. */
function skipTrivia(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length) {
    const byte = bytes[at]!;
    if (byte <= 0x20 || byte === SEMICOLON) at += 1;
    else if (byte === DASH && bytes[at + 1] === DASH) {
      while (at < bytes.length && bytes[at] !== 0x0a) at += 1;
    } else if (byte === SLASH && bytes[at + 1] === STAR) {
      at = endOfBlock(bytes, at);
    } else break;
  }
  return at;
}

function endOfBlock(bytes: Uint8Array, from: number): number {
  let depth = 0;
  let at = from;
  while (at < bytes.length) {
    if (bytes[at] === SLASH && bytes[at + 1] === STAR) {
      depth += 1;
      at += 2;
    } else if (bytes[at] === STAR && bytes[at + 1] === SLASH) {
      depth -= 1;
      at += 2;
      if (depth === 0) return at;
    } else at += 1;
  }
  return at;
}

const ALLOW = /^\s*--\s*retrofit:allow\s+([a-z0-9-]+(?:\s*,\s*[a-z0-9-]+)*)\s*(?::\s*(.*?))?\s*$/;

function allowancesIn(comments: string, firstLine: number): Allowance[] {
  return comments.split("\n").flatMap((text, index) => {
    const match = ALLOW.exec(text);
    if (!match) return [];
    const rules = match[1]!.split(",").map((rule) => rule.trim());
    return [{ rules, reason: match[2] ?? "", line: firstLine + index }];
  });
}
