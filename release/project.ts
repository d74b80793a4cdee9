import { existsSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { wrongUse } from "./errors";

/** A Pulumi project on disk: `Pulumi.yaml` and one file per environment. */
export interface Project {
  folder: string;
  /** The environment's file. */
  file(environment: string): string;
}

/** Opens the project that a command is about and checks that it has the environment. */
export function openProject(folder: string, environment: string): Project {
  const root = resolve(folder);
  if (!existsSync(join(root, "Pulumi.yaml"))) {
    throw wrongUse(
      `There is no Pulumi.yaml in ${root}.`,
      "Run the command in the project's folder, or name it with --cwd.",
    );
  }
  const file = (name: string) => join(root, `Pulumi.${name}.yaml`);
  if (!existsSync(file(environment))) {
    const known = environmentsIn(root);
    throw wrongUse(
      `There is no environment "${environment}": ${file(environment)} does not exist.`,
      known.length > 0 ? `Known environments: ${known.join(", ")}.` : "Write that file first; see docs/.",
    );
  }
  return { folder: root, file };
}

/** Environments that have a file, by name. */
export function environmentsIn(folder: string): string[] {
  return readdirSync(folder)
    .map((name) => /^Pulumi\.([A-Za-z0-9_.-]+)\.yaml$/.exec(name)?.[1])
    .filter((name): name is string => name !== undefined)
    .sort();
}

/** Never half-written: readers see the former file or the new one. */
export function replaceFile(file: string, content: string | Buffer): void {
  const partial = join(dirname(file), `.${process.pid}.${basename(file)}`);
  try {
    writeFileSync(partial, content);
    renameSync(partial, file);
  } finally {
    rmSync(partial, { force: true });
  }
}
