import { execFileSync } from "node:child_process";
import { chownSync, lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { findProgram } from "../toolchain/apt";

/** PostgreSQL refuses to run as root. Whoever else we are, it runs as us. */
const isRoot = () => process.getuid?.() === 0;

/** Kept, because the sandbox lies in root's home folder, which nobody else may enter. */
const CAPABILITIES = "+dac_override,+dac_read_search";

interface Account {
  uid: number;
  gid: number;
}

let nobody: Account | undefined;

function account(): Account {
  nobody ??= {
    uid: Number(execFileSync("id", ["-u", "nobody"], { encoding: "utf8" })),
    gid: Number(execFileSync("id", ["-g", "nobody"], { encoding: "utf8" })),
  };
  return nobody;
}

/** A command that is not run as root: the same one, or as `nobody` when we are root. */
export function unprivileged(command: string, args: readonly string[]): [string, string[]] {
  if (!isRoot()) return [command, [...args]];
  const { uid, gid } = account();
  const setpriv = findProgram("setpriv");
  if (setpriv === undefined)
    throw new Error("setpriv (Debian: util-linux) is needed to run PostgreSQL as root");
  const identity = ["--reuid", String(uid), "--regid", String(gid), "--clear-groups"];
  const rights = [`--inh-caps=${CAPABILITIES}`, `--ambient-caps=${CAPABILITIES}`];
  return [setpriv, [...identity, ...rights, command, ...args]];
}

/** Gives a folder with all in it to whom `unprivileged` runs as. */
export function handOver(path: string): void {
  if (!isRoot()) return;
  const { uid, gid } = account();
  const visit = (entry: string) => {
    chownSync(entry, uid, gid);
    if (lstatSync(entry).isDirectory()) for (const name of readdirSync(entry)) visit(join(entry, name));
  };
  visit(path);
}
