/**
 * Where finished tools lie: `$RETROFIT_HOME/toolchain/<name with its versions>`. A tool is made under another name and
 * renamed when it is complete, so what has its name is good; two processes do not make the same one at once.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { tryLock } from "../daemon/lock";
import { homeFolder } from "../folders";

export function toolchainFolder(): string {
  return join(homeFolder(), "toolchain");
}

export function shortHash(...parts: (string | Buffer)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part).update("\0");
  return hash.digest("hex").slice(0, 12);
}

const PART = ".part-";
const LOCK_POLL = 250;

/** The folder of a tool; `make` fills it when it is not there yet. */
export async function stored(
  name: string,
  make: (folder: string) => Promise<void>,
  onWait: () => void = () => {},
): Promise<string> {
  const store = toolchainFolder();
  const folder = join(store, name);
  if (existsSync(folder)) return folder;
  mkdirSync(store, { recursive: true });
  const lockName = `tool-${shortHash(folder)}`;
  let held = await tryLock(lockName);
  if (!held) onWait();
  while (!held) {
    await new Promise((resolve) => setTimeout(resolve, LOCK_POLL));
    held = await tryLock(lockName);
  }
  try {
    if (existsSync(folder)) return folder;
    const prefix = `${PART}${name}-`;
    for (const left of readdirSync(store)) {
      if (left.startsWith(prefix)) rmSync(join(store, left), { recursive: true, force: true });
    }
    const part = join(store, prefix + process.pid);
    mkdirSync(part);
    try {
      await make(part);
      renameSync(part, folder);
    } catch (error) {
      rmSync(part, { recursive: true, force: true });
      throw error;
    }
    return folder;
  } finally {
    await held.release();
  }
}
