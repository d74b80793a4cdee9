// `npm run test:policies`: the pack on the real engine. With `-- --checkov` it is compared with Checkov instead.
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const more = process.argv.slice(2);
const command = more.includes("--checkov")
  ? ["-r", "ts-node/register/transpile-only", join(root, "tests", "policies", "support", "checkov.ts")]
  : [
      join(root, "node_modules", "jest", "bin", "jest.js"),
      ...["--selectProjects", "policies", "--runInBand", "--forceExit"],
      ...["--reporters", "default", "--reporters", join(root, "tests", "support", "closing-line.js")],
      ...more,
    ];
const { status } = spawnSync(process.execPath, command, { cwd: root, stdio: "inherit" });
process.exitCode = status ?? 1;
