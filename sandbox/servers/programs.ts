/** Where the programs of PostgreSQL and Redis (or Valkey) are: on the machine, else in unpacked Debian packages. */
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Progress } from "../progress";
import { findProgram, isExecutable } from "../toolchain/apt";
import { ensureDebianPackages } from "../toolchain/debian";

export interface ServerPrograms {
  /** The path of a program of the set. */
  bin(name: string): string;
  /** What to merge into the environment of the programs. */
  env: Record<string, string>;
}

/** The folder of a version of PostgreSQL below a root, the newest first; `/usr/lib/postgresql/15/bin` as Debian has it. */
function postgresFolder(root: string): string | undefined {
  const versions = join(root, "usr", "lib", "postgresql");
  return list(versions)
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => join(versions, version, "bin"))
    .find((folder) => isExecutable(join(folder, "postgres")) && isExecutable(join(folder, "initdb")));
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

const inFolder = (folder: string, env: Record<string, string> = {}): ServerPrograms => ({
  bin: (name) => join(folder, name),
  env,
});

export async function postgresPrograms(progress: Progress = () => {}): Promise<ServerPrograms> {
  const installed = postgresFolder("/") ?? besideOnPath("postgres", "initdb");
  if (installed !== undefined) return inFolder(installed);
  const packages = await firstOf(["postgresql-15", "postgresql"], progress);
  const folder = postgresFolder(packages.root);
  if (folder === undefined) throw new Error(`there is no PostgreSQL in ${packages.root}`);
  return inFolder(folder, packages.env);
}

/** The server's program is `server`, whether it is Redis or Valkey. */
export async function redisPrograms(
  progress: Progress = () => {},
): Promise<{ server: string; env: Record<string, string> }> {
  for (const name of ["redis-server", "valkey-server"]) {
    const installed = findProgram(name);
    if (installed !== undefined) return { server: installed, env: {} };
  }
  const packages = await firstOf(["redis-server", "valkey-server"], progress);
  for (const name of ["redis-server", "valkey-server"]) {
    const server = join(packages.root, "usr", "bin", name);
    if (isExecutable(server)) return { server, env: packages.env };
  }
  throw new Error(`there is no redis-server in ${packages.root}`);
}

/** Debian's releases name them differently; the first name is the one that the message is about. */
async function firstOf(names: readonly string[], progress: Progress) {
  let first: unknown;
  for (const name of names) {
    try {
      return await ensureDebianPackages([name], progress);
    } catch (error) {
      first ??= error;
    }
  }
  throw first;
}

function besideOnPath(name: string, other: string): string | undefined {
  const found = findProgram(name);
  return found && isExecutable(join(dirname(found), other)) ? dirname(found) : undefined;
}

/** Looks for all of them beforehand; tells which cannot be had and why, since not every environment needs them. */
export async function ensureServerPrograms(
  progress: Progress,
): Promise<{ name: "PostgreSQL" | "Redis"; missing?: string }[]> {
  const attempt = (name: "PostgreSQL" | "Redis", find: Promise<unknown>) =>
    find.then(
      () => ({ name }),
      (error: Error & { hint?: string }) => ({
        name,
        missing: error.hint === undefined ? error.message : `${error.message} ${error.hint}`,
      }),
    );
  return Promise.all([
    attempt("PostgreSQL", postgresPrograms(progress)),
    attempt("Redis", redisPrograms(progress)),
  ]);
}
