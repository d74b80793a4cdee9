import { join } from "node:path";
import { packageRoot } from "../stacks/package-root";

export { packageRoot };

/** What `npx retrofit` runs. */
export function executable(): string {
  return join(packageRoot(), "bin", "retrofit.js");
}

export function packageVersion(): string {
  return (require(join(packageRoot(), "package.json")) as { version: string }).version;
}
