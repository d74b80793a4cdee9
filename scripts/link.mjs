// Makes `npx retrofit` work in the checkout: npm links the binaries of dependencies, not the package's own.
import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = join(root, "node_modules", ".bin");
mkdirSync(bin, { recursive: true });
rmSync(join(bin, "retrofit"), { force: true });
symlinkSync("../../bin/retrofit.js", join(bin, "retrofit"));
