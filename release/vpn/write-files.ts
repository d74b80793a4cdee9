import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { DeviceFile } from "./strongswan";

/** Readable by their owner alone, and never picked up by git. */
export function writeDeviceFiles(folder: string, files: readonly DeviceFile[]): string[] {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  writeFileSync(join(folder, ".gitignore"), "*\n");
  return files.map(({ name, content, secret, executable }) => {
    const file = join(folder, name);
    mkdirSync(dirname(file), { recursive: true });
    const mode = executable ? 0o700 : secret ? 0o600 : 0o644;
    writeFileSync(file, content, { mode });
    // A file that was there keeps its mode when it is written.
    chmodSync(file, mode);
    return file;
  });
}
