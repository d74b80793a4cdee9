/**
 * Programs from Debian packages, for a machine that is not to be changed: what is installed is taken as it is, the rest is
 * downloaded with its dependencies and unpacked into the cache folder, where it runs from. No root, nothing installed.
 */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { delimiter, join } from "node:path";
import { SandboxError } from "../errors";
import type { Progress } from "../progress";
import type { PackageVersion } from "./apt";
import { Apt, dpkgStatus, findProgram, hasApt, installedPackages, isExecutable } from "./apt";
import { lastLines } from "./go";
import { run } from "./run";
import { step } from "./steps";
import { shortHash, stored, toolchainFolder } from "./store";

export interface DebianPackages {
  /** The unpacked tree; `/` when all of it is installed on the machine. */
  root: string;
  /** What to merge into the environment of its programs: PATH and LD_LIBRARY_PATH. Empty when all is installed. */
  env: Record<string, string>;
  /** The path of a program: in the tree, else on the machine. Throws where there is none. */
  bin(name: string): string;
}

/**
 * Never unpacked: a C library beside the machine's own cannot be used with the machine's loader, and is what every
 * program here was linked against anyway.
 */
const NEVER = new Set(["libc6", "libc-bin", "libc-l10n", "locales"]);

/**
 * Makes sure that the programs of some Debian packages can be run. The tree is named by the versions that it holds, so
 * an update of a package makes another one; a call with everything in place takes milliseconds.
 */
export async function ensureDebianPackages(
  names: readonly string[],
  progress: Progress = () => {},
): Promise<DebianPackages> {
  if (!hasApt()) {
    throw new SandboxError(
      `This machine has no apt to fetch ${names.join(", ")} with.`,
      `Install ${names.join(", ")} with the package manager of this system.`,
    );
  }
  const wanted = [...new Set(names)].sort();
  // The record is good as long as the machine's own packages are the same.
  const status = statSync(dpkgStatus, { throwIfNoEntry: false });
  const state = `${status?.mtimeMs} ${status?.size}`;
  const record = join(toolchainFolder(), `debian-${shortHash(...wanted, state)}.json`);
  const known = remembered(record);
  if (known) return packagesIn(known);
  const { root } = await step(progress, `Debian packages ${wanted.join(", ")}`, async (say) => {
    const installed = await installedPackages(wanted);
    const missing = wanted.filter((name) => !installed.has(name));
    if (missing.length === 0) return { root: "/", detail: "installed" };
    return unpacked(missing, say);
  });
  mkdirSync(toolchainFolder(), { recursive: true });
  writeFileSync(`${record}.${process.pid}`, JSON.stringify({ root }));
  renameSync(`${record}.${process.pid}`, record);
  return packagesIn(root);
}

async function unpacked(
  names: readonly string[],
  say: (detail: string) => void,
): Promise<{ root: string; detail: string }> {
  const apt = new Apt();
  const attempt = async () => {
    const packages = (await apt.resolve(names, say)).filter(({ name }) => !NEVER.has(bare(name)));
    const root = await stored(
      treeName(names, packages),
      (folder) => fill(apt, packages, folder, say),
      () => say("another process is unpacking them; waiting"),
    );
    return { root, detail: `${packages.length} unpacked` };
  };
  try {
    return await attempt();
  } catch (error) {
    // Lists that are older than their source name versions that are no longer there.
    if (await apt.refresh(say)) return attempt();
    throw error;
  }
}

async function fill(
  apt: Apt,
  packages: readonly PackageVersion[],
  folder: string,
  say: (detail: string) => void,
): Promise<void> {
  const downloads = join(folder, ".download");
  const files = await apt.download(packages, downloads, say);
  say("unpacking");
  for (const file of files) {
    const { code, output } = await run("dpkg", ["-x", file, folder]);
    if (code !== 0)
      throw new SandboxError(`${file} cannot be unpacked: ${lastLines(output, 2)}`, "Try again.");
  }
  rmSync(downloads, { recursive: true, force: true });
}

/** `debian-redis-server-1f2e3d4c5b6a`: readable, and another when any version is another. */
export function treeName(names: readonly string[], packages: readonly PackageVersion[]): string {
  const readable = names.join("+").slice(0, 60);
  return `debian-${readable}-${shortHash(...packages.map(({ name, version }) => `${name}=${version}`))}`;
}

/** A name without its architecture, as in `libc6:amd64`. */
function bare(name: string): string {
  return name.split(":")[0]!;
}

function remembered(file: string): string | undefined {
  try {
    const { root } = JSON.parse(readFileSync(file, "utf8")) as { root: string };
    return existsSync(root) ? root : undefined;
  } catch {
    return undefined;
  }
}

const PROGRAMS = ["usr/local/bin", "usr/bin", "usr/sbin", "bin", "sbin"];
const LIBRARIES = ["usr/lib", "lib"];

/** What an unpacked tree offers. */
export function packagesIn(root: string): DebianPackages {
  const folders = PROGRAMS.map((folder) => join(root, folder)).filter((folder) => existsSync(folder));
  const bin = (name: string): string => {
    const found = folders.map((folder) => join(folder, name)).find(isExecutable) ?? findProgram(name);
    if (found) return found;
    throw new SandboxError(
      `There is no program "${name}" in ${root} nor on PATH.`,
      "The Debian package that has it was not asked for.",
    );
  };
  if (root === "/") return { root, env: {}, bin };
  return {
    root,
    env: {
      PATH: [...folders, process.env.PATH ?? "/usr/bin:/bin"].join(delimiter),
      LD_LIBRARY_PATH: [...libraryFolders(root), process.env.LD_LIBRARY_PATH ?? ""].filter(Boolean).join(":"),
    },
    bin,
  };
}

/** `usr/lib`, `usr/lib/x86_64-linux-gnu` and their like, where Debian puts libraries of each architecture. */
function libraryFolders(root: string): string[] {
  return LIBRARIES.map((folder) => join(root, folder))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => [
      ...readdirSync(folder)
        .filter((name) => name.includes("-linux-gnu"))
        .map((name) => join(folder, name)),
      folder,
    ]);
}
