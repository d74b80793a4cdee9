// Makes a fresh clone ready: npm packages, then the tools of the sandbox. Uses nothing but Node itself, since nothing
// else is there yet. Quick when everything is in place.
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [major] = process.versions.node.split(".").map(Number);
if (major < 20) {
  console.error(`✗ Node ${process.versions.node} is too old: 20 or newer is needed (https://nodejs.org).`);
  process.exit(1);
}

const stale = reasonToInstall();
if (stale) {
  console.log(`• npm packages: ${stale}; npm install takes about a minute`);
  const started = Date.now();
  // Not `npm ci`: it wants every platform's optional binaries in the lock file, and a registry mirror may not have
  // them all. This takes the locked versions as well, and writes neither package.json nor the lock file.
  await run("npm", ["install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error"]);
  console.log(`✓ npm packages (${Math.round((Date.now() - started) / 1000)} s)`);
}
await run(process.execPath, [join(root, "bin", "retrofit.js"), "prepare"]);

/**
 * Why the packages have to be installed, or undefined when they are what the lock file says. npm writes its own record
 * last, so an install that was broken off has none. Compared by content: a checkout changes times and nothing else.
 */
function reasonToInstall() {
  const record = join(root, "node_modules", ".package-lock.json");
  if (!existsSync(record)) return "not installed yet";
  const wanted = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
  const found = JSON.parse(readFileSync(record, "utf8")).packages;
  // Optional packages are those of other systems.
  const missing = Object.entries(wanted).find(
    ([path, { version, optional, devOptional }]) =>
      path !== "" && (found[path] ? found[path].version !== version : !optional && !devOptional),
  );
  return missing && `${missing[0].replace(/^.*node_modules\//, "")} is not as package-lock.json has it`;
}

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
