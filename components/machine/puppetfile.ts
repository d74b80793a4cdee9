import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Problem } from "../shared/validation";

/** A module of the Puppet Forge that a configuration names. */
export interface ForgeModule {
  readonly owner: string;
  readonly name: string;
  readonly version: string;
}

/** What was vendored, by module: kept beside the modules. */
export const VENDORED = "modules/vendored.json";

export interface Vendored {
  readonly [module: string]: { readonly version: string; readonly sha256: string };
}

const MODULE = /^mod\s+['"]([a-z0-9]+)[/-]([a-z0-9_]+)['"]\s*,\s*['"](\d+\.\d+\.\d+[\w.-]*)['"]$/i;

/** The modules of a Puppetfile, and what in it cannot be read. */
export function readPuppetfile(folder: string): { modules: ForgeModule[]; problems: Problem[] } {
  const file = join(folder, "Puppetfile");
  const lines = existsSync(file) ? readFileSync(file, "utf8").split(/\r?\n/) : [];
  const modules: ForgeModule[] = [];
  const problems: Problem[] = [];
  for (const [index, line] of lines.entries()) {
    const text = line.replace(/(^|\s)#.*$/, "").trim();
    // The Forge is named when it is fetched from, not here.
    if (text === "" || text.startsWith("forge ")) continue;
    const found = MODULE.exec(text);
    if (found) modules.push({ owner: found[1]!, name: found[2]!, version: found[3]! });
    else {
      problems.push({
        property: `Puppetfile line ${index + 1}`,
        got: text,
        allowed: "mod 'owner/name', '1.2.3'",
        fix: "Name a module of the Forge with its version; put others into modules/ yourself.",
      });
    }
  }
  return { modules, problems };
}

export function readVendored(folder: string): Vendored {
  const file = join(folder, VENDORED);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Vendored) : {};
}

/** Modules that a Puppetfile names and that are not in the folder: a booting machine would not fetch them. */
export function vendoringProblems(folder: string): Problem[] {
  const { modules, problems } = readPuppetfile(folder);
  const vendored = readVendored(folder);
  return [
    ...problems,
    ...modules
      .filter(
        ({ name, version }) =>
          vendored[name]?.version !== version || !existsSync(join(folder, "modules", name)),
      )
      .map(({ owner, name, version }) => ({
        property: `Puppetfile ${owner}/${name}`,
        got: vendored[name]?.version ?? "nothing in modules/",
        allowed: `version ${version} in modules/${name}`,
        fix: "Run retrofit machine vendor, and commit what it fetches.",
      })),
  ];
}
