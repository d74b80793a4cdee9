import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { parseDocument } from "yaml";
import type { Problem } from "../shared/validation";
import type { ConfigurationTool } from "./first-boot";
import { includedClasses, parameters } from "./puppet-source";
import { vendoringProblems } from "./puppetfile";

export interface ConfigurationToCheck {
  readonly folder: string;
  readonly tool: ConfigurationTool;
  readonly roles: readonly string[];
  readonly environment: string;
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** Everything wrong with a configuration that can be told without the tool itself, before anything is made. */
export function configurationProblems(check: ConfigurationToCheck): Problem[] {
  if (!statSync(check.folder, { throwIfNoEntry: false })?.isDirectory()) {
    return [
      {
        property: "folder",
        got: check.folder,
        allowed: "a folder with the configuration of machines",
        fix: "Correct the path, or leave it out for the configuration that comes with Retrofit.",
      },
    ];
  }
  const broken = [...yamlProblems(check.folder)];
  if (broken.length > 0) return broken;
  switch (check.tool) {
    case "puppet":
      return [
        ...vendoringProblems(check.folder),
        ...check.roles.flatMap((role) => puppetProblems(check, role)),
      ];
    case "ansible":
      return check.roles.flatMap((role) => roleFile(check, role, `roles/${role}.yml`));
    case "chef":
      return check.roles.flatMap((role) => roleFile(check, role, `roles/${role}.json`));
  }
}

function roleFile(check: ConfigurationToCheck, role: string, path: string): Problem[] {
  if (existsSync(join(check.folder, path))) return [];
  return [unknownRole(role, known(check), path)];
}

/** The roles that a configuration has. */
export function rolesOf(folder: string, tool: ConfigurationTool): string[] {
  return known({ folder, tool });
}

function known({ folder, tool }: Pick<ConfigurationToCheck, "folder" | "tool">): string[] {
  const [place, ending] = {
    puppet: ["site-modules/role/manifests", ".pp"],
    ansible: ["roles", ".yml"],
    chef: ["roles", ".json"],
  }[tool] as [string, string];
  const full = join(folder, place);
  if (!existsSync(full)) return [];
  return readdirSync(full)
    .filter((file) => file.endsWith(ending))
    .map((file) => file.slice(0, -ending.length))
    .sort();
}

function unknownRole(role: string, roles: readonly string[], path: string): Problem {
  return {
    property: "role",
    got: role,
    allowed: roles.length > 0 ? roles.join(", ") : "a role of the configuration, which has none",
    fix: `Write ${path}, or correct the role.`,
  };
}

/** Every YAML file has to be YAML; a broken one would be noticed on the machine, long after. */
function* yamlProblems(folder: string): Generator<Problem> {
  for (const file of filesBelow(folder)) {
    if (!/\.ya?ml$/.test(file)) continue;
    const [error] = parseDocument(readFileSync(file, "utf8")).errors;
    if (!error) continue;
    const line = error.linePos?.[0];
    yield {
      property: `${relative(folder, file)}${line ? `:${line.line}:${line.col}` : ""}`,
      got: error.message.split("\n")[0],
      allowed: "YAML",
      fix: "Correct the line.",
    };
  }
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** A class parameter without a default and without data is an error on the machine: it is one here first. */
function puppetProblems(check: ConfigurationToCheck, role: string): Problem[] {
  const manifest = manifestOf(check.folder, `role::${role}`);
  if (!/^[a-z][a-z0-9_]*$/.test(role) || !manifest) {
    return [unknownRole(role, known(check), `site-modules/role/manifests/${role}.pp`)];
  }
  const keys = new Set([...dataKeys(check, role), ...functionKeys(check.folder)]);
  return classesOf(check.folder, role).flatMap((name) =>
    parameters(manifestOf(check.folder, name) ?? "")
      .filter(({ name: parameter, hasDefault }) => !hasDefault && !keys.has(`${name}::${parameter}`))
      .map((parameter) => ({
        property: `${name}::${parameter.name}`,
        allowed: parameter.type || "a value",
        fix: `Write it into data/role/${role}.yaml (role ${role}), data/environment/${check.environment}.yaml or data/common.yaml.`,
      })),
  );
}

/** A role's class and all that it brings in, in that order, without those of modules that are not in the folder. */
export function classesOf(folder: string, role: string): string[] {
  const found = new Set<string>();
  const visit = (name: string) => {
    const source = found.has(name) ? undefined : manifestOf(folder, name);
    // A class of a module from the Forge brings its own data.
    if (!source) return;
    found.add(name);
    for (const included of includedClasses(source)) visit(included);
  };
  visit(`role::${role}`);
  return [...found];
}

function manifestOf(folder: string, name: string): string | undefined {
  const [module, ...rest] = name.split("::");
  const file = `${module}/manifests/${rest.length > 0 ? rest.join("/") : "init"}.pp`;
  const path = ["site-modules", "modules"]
    .map((root) => join(folder, root, file))
    .find((full) => existsSync(full));
  return path && readFileSync(path, "utf8");
}

/** Keys in the levels of hiera that apply, as hiera.yaml of this project has them. */
function dataKeys(check: ConfigurationToCheck, role: string): string[] {
  const files = [
    "common.yaml",
    `role/${role}.yaml`,
    `environment/${check.environment}.yaml`,
    `environment/${check.environment}/${role}.yaml`,
  ];
  const found = files
    .map((file) => join(check.folder, "data", file))
    .filter((file) => existsSync(file))
    .map((file) => parseDocument(readFileSync(file, "utf8")).toJS() as Record<string, unknown> | null);
  return [...found, check.settings ?? {}].flatMap((data) => Object.keys(data ?? {}));
}

/** Keys that the machine's own document provides, as the function which turns it into data names them. */
function functionKeys(folder: string): string[] {
  const file = join(folder, "site-modules/profile/functions/machine_data.pp");
  if (!existsSync(file)) return [];
  return [...readFileSync(file, "utf8").matchAll(/'([a-z][a-z0-9_]*(?:::[a-z][a-z0-9_]*)+)'\s*=>/g)].map(
    ([, key]) => key!,
  );
}
