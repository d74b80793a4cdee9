/**
 * Copies a folder into a store. What is done is written into a journal line by line, so that a run that was killed goes on
 * where it was; a file whose size and time are those of the journal is not even read again.
 */
import { createHash } from "node:crypto";
import { createReadStream, type Dirent } from "node:fs";
import { appendFile, opendir, readFile, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";

/** Where files go. `put` does nothing where the same content is there already. */
export interface ImportTarget {
  /** How it is called in messages and in the journal. */
  readonly name: string;
  put(file: ImportedFile): Promise<"copied" | "there">;
}

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
  /** Unchanged since an earlier run. */
  readonly skipped: number;
  readonly seconds: number;
  /** What could not be copied, each with its reason. */
  readonly differences: readonly { key: string; problem: string }[];
}

export interface ImportOptions {
  readonly parallel: number;
  readonly journal: string;
  /** Told now and then. */
  readonly onProgress?: (done: { files: number; bytes: number }) => void;
}

const PROGRESS_EVERY = 1000;

export async function importFolder(
  folder: string,
  target: ImportTarget,
  { parallel, journal, onProgress }: ImportOptions,
): Promise<ImportReport> {
  const started = Date.now();
  const done = await readJournal(journal, target.name);
  const count = { files: 0, bytes: 0, copied: 0, copiedBytes: 0, skipped: 0 };
  const differences: { key: string; problem: string }[] = [];
  let told = Date.now();

  async function take(path: string): Promise<void> {
    const key = relative(folder, path).split(sep).join("/");
    try {
      const { size: bytes, mtimeMs } = await stat(path);
      const state = `${bytes} ${Math.floor(mtimeMs)}`;
      count.files++;
      count.bytes += bytes;
      if (done.get(key) === state) {
        count.skipped++;
        return;
      }
      const result = await target.put({ path, key, bytes });
      const after = await stat(path);
      if (`${after.size} ${Math.floor(after.mtimeMs)}` !== state)
        throw new Error("it changed while it was copied");
      await appendFile(journal, `${JSON.stringify([target.name, key, state])}\n`);
      if (result === "there") count.skipped++;
      else {
        count.copied++;
        count.copiedBytes += bytes;
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

/** A last line that was cut off was of a file that counts as not done. */
async function readJournal(file: string, target: string): Promise<Map<string, string>> {
  const text = await readFile(file, "utf8").catch(() => "");
  const done = new Map<string, string>();
  for (const line of text.split("\n")) {
    try {
      const [name, key, state] = JSON.parse(line) as string[];
      if (name === target) done.set(key!, state!);
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
