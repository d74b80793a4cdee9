import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** The folder of this package: the checkout, or where npm has put it. Compiled files are a level deeper. */
export function packageRoot(): string {
  let folder = __dirname;
  while (!existsSync(join(folder, "package.json"))) folder = dirname(folder);
  return folder;
}
