import type { MigrationFile, MigrationProblem } from "./types";

/** A file of the folder of migrations, as bytes. `path` is relative to that folder, with `/`. */
export interface RawFile {
  readonly path: string;
  readonly content: Uint8Array;
}

export interface MigrationSet {
  /** Versioned ones by version, then repeatable ones by description: the order in which they are applied. */
  readonly migrations: readonly MigrationFile[];
  readonly problems: readonly MigrationProblem[];
}

const VERSIONED = /^V(\d+(?:[._]\d+)*)__(.+)\.sql$/;
const REPEATABLE = /^R__(.+)\.sql$/;
/** Flyway runs an undo script by another command; here a way back is a restored snapshot or a new migration. */
const UNDO = /^U\d+(?:[._]\d+)*__.+\.sql$/;
const BYTE_ORDER_MARK = "\uFEFF";

/** Reads migrations named as Flyway names them. Whatever ends in `.sql` has to be one: a misspelled name must not be skipped. */
export function readMigrations(files: readonly RawFile[]): MigrationSet {
  const problems: MigrationProblem[] = [];
  const versioned: MigrationFile[] = [];
  const repeatable: MigrationFile[] = [];
  for (const file of files) {
    if (!/\.sql$/i.test(file.path)) continue;
    const name = file.path.split("/").pop() ?? file.path;
    const sql = decode(file, problems);
    if (sql === undefined) continue;
    const v = VERSIONED.exec(name);
    const r = REPEATABLE.exec(name);
    if (v) {
      const version = canonicalVersion(v[1]!);
      versioned.push({ script: file.path, version, ...rest(v[2]!, sql) });
    } else if (r) {
      repeatable.push({ script: file.path, ...rest(r[1]!, sql) });
    } else {
      problems.push(misnamed(file.path, name));
    }
  }
  versioned.sort((a, b) => compareVersions(a.version!, b.version!) || (a.script < b.script ? -1 : 1));
  repeatable.sort((a, b) => (a.description < b.description ? -1 : 1));
  problems.push(...twice(versioned, (file) => `version ${file.version}`));
  problems.push(...twice(repeatable, (file) => `description "${file.description}"`));
  return { migrations: [...versioned, ...repeatable], problems };
}

function rest(description: string, sql: string) {
  return { description: description.replaceAll("_", " "), checksum: flywayChecksum(sql), sql };
}

function decode(file: RawFile, problems: MigrationProblem[]): string | undefined {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(file.content);
  } catch {
    problems.push({ file: file.path, message: "is not UTF-8.", fix: "Save the file as UTF-8." });
    return undefined;
  }
  if (text.includes("\u0000")) {
    problems.push({ file: file.path, message: "holds a NUL character.", fix: "Save the file as UTF-8." });
    return undefined;
  }
  const withoutMark = text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
  return withoutMark.replace(/\r\n?/g, "\n");
}

function misnamed(path: string, name: string): MigrationProblem {
  if (UNDO.test(name)) {
    return {
      file: path,
      message: "is an undo migration, which this gate never runs.",
      fix: "Remove it. The way back over a change is a new migration, or the snapshot taken before it.",
    };
  }
  return {
    file: path,
    message: "is not named as a migration, so it would never be applied.",
    fix: "Name it V<version>__<description>.sql or R__<description>.sql (two underscores), or move it elsewhere.",
  };
}

function twice(files: readonly MigrationFile[], key: (file: MigrationFile) => string): MigrationProblem[] {
  const seen = new Map<string, string>();
  const problems: MigrationProblem[] = [];
  for (const file of files) {
    const first = seen.get(key(file));
    if (first === undefined) seen.set(key(file), file.script);
    else {
      problems.push({
        file: file.script,
        message: `has the same ${key(file)} as ${first}.`,
        fix: "Give one of them another version or name; the one that is applied somewhere already keeps its own.",
      });
    }
  }
  return problems;
}

/** `01_2` and `1.2` are the same version; a trailing `.0` says nothing. */
export function canonicalVersion(text: string): string {
  const parts = text.split(/[._]/).map((part) => part.replace(/^0+(?=\d)/, ""));
  while (parts.length > 1 && parts.at(-1) === "0") parts.pop();
  return parts.join(".");
}

/** Negative when `a` comes before `b`. Parts are compared as numbers of any length: dates with seconds are usual. */
export function compareVersions(a: string, b: string): number {
  const left = a.split(".");
  const right = b.split(".");
  for (let i = 0; i < Math.max(left.length, right.length); i += 1) {
    const difference = BigInt(left[i] ?? 0) - BigInt(right[i] ?? 0);
    if (difference !== 0n) return difference < 0n ? -1 : 1;
  }
  return 0;
}

/** The checksum that Flyway keeps in its history: line ends and a byte order mark do not count. */
export function flywayChecksum(sql: string): number {
  let crc = -1;
  const lines = sql.split("\n");
  if (lines.at(-1) === "") lines.pop();
  for (const line of lines) {
    for (const byte of Buffer.from(line, "utf8")) crc = (crc >>> 8) ^ CRC_TABLE[(crc ^ byte) & 0xff]!;
  }
  return ~crc | 0;
}

const CRC_TABLE = Int32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let bit = 0; bit < 8; bit += 1) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  return c;
});
