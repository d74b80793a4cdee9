import { randomBytes } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { type ImportTarget, sha256Of } from "./import";

/** Questions to a share that are under way at a time. */
const AT_ONCE = 16;

/** A folder, such as a mounted share: whoever reads there sees a file whole or not at all. */
export function folderTarget(folder: string): ImportTarget {
  return {
    name: folder,
    async stamps(keys) {
      const found = new Map<string, string>();
      const left = keys.values();
      const look = async () => {
        for (const key of left) {
          const stamp = await stampOf(join(folder, key));
          if (stamp) found.set(key, stamp);
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, look));
      return found;
    },
    async put(file, mayReplace) {
      const place = join(folder, file.key);
      const sum = await sha256Of(file.path);
      const there = await stat(place).catch(() => undefined);
      if (there?.size === file.bytes && (await sha256Of(place)) === sum) {
        return { done: "there", stamp: (await stampOf(place))! };
      }
      if (there && !mayReplace) return { done: "other" };
      await mkdir(dirname(place), { recursive: true });
      const part = `${place}.part-${randomBytes(6).toString("hex")}`;
      try {
        await pipeline(createReadStream(file.path), createWriteStream(part, { flags: "wx" }));
        if ((await sha256Of(part)) !== sum) throw new Error("what arrived is not what was sent");
        await rename(part, place);
      } finally {
        await rm(part, { force: true });
      }
      return { done: "copied", stamp: (await stampOf(place))! };
    },
  };
}

/** A folder has nothing better: size and time of the last write. */
async function stampOf(place: string): Promise<string | undefined> {
  const found = await stat(place).catch(() => undefined);
  return found && `${found.size} ${found.mtimeMs}`;
}
