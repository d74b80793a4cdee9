/** All measurements, each in a process of its own, one after the other. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";

for (const name of [
  "program-start",
  "up-and-preview",
  "swap",
  "gates",
  "policies",
  "machines",
  "logs",
  "files",
]) {
  const { status } = spawnSync(process.execPath, [...process.execArgv, join(__dirname, `${name}.ts`)], {
    stdio: "inherit",
  });
  if (status !== 0) process.exit(status ?? 1);
}
