import { randomBytes } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { type ImportTarget, sha256Of } from "./import";

/** A folder, such as a mounted share: whoever reads there sees a file whole or not at all. */
export function folderTarget(folder: string): ImportTarget {
  return {
    name: folder,
    async put(file) {
      const place = join(folder, file.key);
      const sum = await sha256Of(file.path);
      const there = await stat(place).catch(() => undefined);
      if (there?.size === file.bytes && (await sha256Of(place)) === sum) return "there";
      await mkdir(dirname(place), { recursive: true });
      const part = `${place}.part-${randomBytes(6).toString("hex")}`;
      try {
        await pipeline(createReadStream(file.path), createWriteStream(part, { flags: "wx" }));
        if ((await sha256Of(part)) !== sum) throw new Error("what arrived is not what was sent");
        await rename(part, place);
      } finally {
        await rm(part, { force: true });
      }
      return "copied";
    },
  };
}
