// Makes a fresh clone ready: npm packages, then the tools of the sandbox. Uses nothing but Node itself, since nothing
// else is there yet. Quick when everything is in place.
import { spawn } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [major] = process.versions.node.split(".").map(Number);
if (major < 20) {
  console.error(`✗ Node ${process.versions.node} is too old: 20 or newer is needed (https://nodejs.org).`);
  process.exit(1);
}

/** npm writes this file last, so it tells both whether an install was completed and when. */
const installed = join(root, "node_modules", ".package-lock.json");
const lock = join(root, "package-lock.json");

if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(lock).mtimeMs) {
  const why = existsSync(installed) ? "package-lock.json is newer than node_modules" : "no node_modules yet";
  console.log(`• npm packages: ${why}; npm install takes about a minute`);
  const started = Date.now();
  // Not `npm ci`: it wants every platform's optional binaries in the lock file, and a registry mirror may not have
  // them all. This takes the locked versions as well, and writes neither package.json nor the lock file.
  await run("npm", ["install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error"]);
  console.log(`✓ npm packages (${Math.round((Date.now() - started) / 1000)} s)`);
}
await run(process.execPath, [join(root, "bin", "retrofit.js"), "prepare"]);

/** Runs a command in a group of its own and ends the whole group when this process is asked to end or npm is gone. */
function run(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: ["ignore", "inherit", "inherit"],
      detached: true,
    });
    const end = (code) => {
      try {
        process.kill(-child.pid, "SIGKILL");
      } catch {
        // The group is gone already.
      }
      process.exit(code);
    };
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => end(130));
    const before = starters();
    const watch = setInterval(() => starters() !== before && end(1), 500);
    child.once("error", (error) => {
      console.error(`✗ ${command} cannot be run: ${error.message}`);
      end(1);
    });
    child.once("close", (code) => {
      clearInterval(watch);
      for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.removeAllListeners(signal);
      if (code !== 0) end(code ?? 1);
      resolve();
    });
  });
}

/** Who started this: the shell, and npm above it. A shell survives when npm is killed, so both are looked at. */
function starters() {
  const chain = [process.ppid];
  if (process.env.npm_lifecycle_event) chain.push(parentOf(process.ppid));
  return chain.join();
}

function parentOf(pid) {
  try {
    const status = readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(status.slice(status.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return 0;
  }
}
