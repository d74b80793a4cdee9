/**
 * Copies a folder into a store. What is done is written into a journal line by line, with what the store then said of it, so
 * that a run that was killed goes on where it was; a file whose size and time are those of the journal is not even read again
 * while the store says the same of it.
 */
import { createHash } from "node:crypto";
import { createReadStream, type Dirent } from "node:fs";
import { appendFile, opendir, readFile, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";

/** Where files go. */
export interface ImportTarget {
  /** How it is called in messages and in the journal. */
  readonly name: string;
  /** What the store has of these, by key: something short that is another after each write. */
  stamps(keys: ReadonlySet<string>): Promise<Map<string, string>>;
  /** Does nothing where the same content is there already, and where another is that it may not replace. */
  put(file: ImportedFile, mayReplace: boolean): Promise<Put>;
}

export type Put =
  | { readonly done: "copied" | "there"; readonly stamp: string }
  | { readonly done: "other"; readonly stamp?: undefined };

export interface ImportedFile {
  /** On this machine. */
  readonly path: string;
  /** Relative to the folder, with slashes. */
  readonly key: string;
  readonly bytes: number;
}

export interface ImportReport {
  readonly files: number;
  readonly bytes: number;
  readonly copied: number;
  readonly copiedBytes: number;
  /** Unchanged since an earlier run, here and in the store. */
  readonly skipped: number;
  /** Of those copied: what an earlier run had copied, and what was gone from the store since. */
  readonly missing: number;
  readonly seconds: number;
  /** What is not in the store as it is here, each with its reason. */
  readonly differences: readonly { key: string; problem: string }[];
}

export interface ImportOptions {
  readonly parallel: number;
  readonly journal: string;
  /** Also where somebody has written something else in the store since. @default false */
  readonly overwrite?: boolean;
  /** Told now and then. */
  readonly onProgress?: (done: { files: number; bytes: number }) => void;
}

const PROGRESS_EVERY = 1000;

const CHANGED_THERE = "somebody has changed it in the store since it was copied: not touched";

export async function importFolder(
  folder: string,
  target: ImportTarget,
  { parallel, journal, overwrite = false, onProgress }: ImportOptions,
): Promise<ImportReport> {
  const started = Date.now();
  const done = await readJournal(journal, target.name);
  const stamps = done.size > 0 ? await target.stamps(new Set(done.keys())) : new Map<string, string>();
  const count = { files: 0, bytes: 0, copied: 0, copiedBytes: 0, skipped: 0, missing: 0 };
  const differences: { key: string; problem: string }[] = [];
  let told = Date.now();

  async function take(path: string): Promise<void> {
    const key = relative(folder, path).split(sep).join("/");
    try {
      const { size: bytes, mtimeMs } = await stat(path);
      const state = `${bytes} ${Math.floor(mtimeMs)}`;
      count.files++;
      count.bytes += bytes;
      const before = done.get(key);
      const there = stamps.get(key);
      if (before && there && before.stamp === there && before.state === state) {
        count.skipped++;
        return;
      }
      // Written since: by somebody, or by a run that was killed before it could note it. A journal of a former version
      // says nothing of the store.
      const changedThere = before?.stamp !== undefined && there !== undefined && before.stamp !== there;
      const result = await target.put({ path, key, bytes }, overwrite || !changedThere);
      if (result.done === "other") throw new Error(CHANGED_THERE);
      const after = await stat(path);
      if (`${after.size} ${Math.floor(after.mtimeMs)}` !== state)
        throw new Error("it changed while it was copied");
      await appendFile(journal, `${JSON.stringify([target.name, key, state, result.stamp])}\n`);
      if (result.done === "there") count.skipped++;
      else {
        count.copied++;
        count.copiedBytes += bytes;
        if (before && !there) count.missing++;
      }
    } catch (error) {
      differences.push({ key, problem: (error as Error).message });
    }
    if (Date.now() - told >= PROGRESS_EVERY) {
      told = Date.now();
      onProgress?.({ files: count.files, bytes: count.bytes });
    }
  }

  const paths = filesBelow(folder, differences);
  await Promise.all(
    Array.from({ length: parallel }, async () => {
      for (let next = await paths.next(); !next.done; next = await paths.next()) await take(next.value);
    }),
  );
  return { ...count, seconds: (Date.now() - started) / 1000, differences };
}

/** Files in order of their names. What is neither file nor folder cannot be kept in a store, and is told. */
async function* filesBelow(
  folder: string,
  differences: { key: string; problem: string }[],
  root = folder,
): AsyncGenerator<string> {
  const entries: Dirent[] = [];
  for await (const entry of await opendir(folder)) entries.push(entry);
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path, differences, root);
    else if (entry.isFile()) yield path;
    else differences.push({ key: relative(root, path), problem: "neither a file nor a folder: not copied" });
  }
}

/** What is known of a file that was copied: what it was here, and what the store said of it. */
interface Copied {
  readonly state: string;
  readonly stamp?: string;
}

/** A last line that was cut off was of a file that counts as not done. */
async function readJournal(file: string, target: string): Promise<Map<string, Copied>> {
  const text = await readFile(file, "utf8").catch(() => "");
  const done = new Map<string, Copied>();
  for (const line of text.split("\n")) {
    try {
      const [name, key, state, stamp] = JSON.parse(line) as [string, string, string, string?];
      if (name === target) done.set(key, { state, ...(stamp !== undefined && { stamp }) });
    } catch {
      // Cut off.
    }
  }
  // Whatever follows begins on a line of its own.
  if (text !== "" && !text.endsWith("\n")) await appendFile(file, "\n");
  return done;
}

export async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

export function sumOf(content: Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}
