import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { parse } from "yaml";
import { wrongUse } from "./errors";

/** A Pulumi project on disk: `Pulumi.yaml` and one file per environment. */
export interface Project {
  folder: string;
  /** The environment's file. */
  file(environment: string): string;
}

/** Opens the project in a folder, whatever environments it has. */
export function projectIn(folder: string): Project {
  const root = resolve(folder);
  if (!existsSync(join(root, "Pulumi.yaml"))) {
    throw wrongUse(
      `There is no Pulumi.yaml in ${root}.`,
      "Run the command in the project's folder, or name it with --cwd.",
    );
  }
  return { folder: root, file: (name) => join(root, `Pulumi.${name}.yaml`) };
}

/** Opens the project that a command is about and checks that it has the environment. */
export function openProject(folder: string, environment: string): Project {
  const project = projectIn(folder);
  const file = project.file(environment);
  if (!existsSync(file)) {
    const known = environmentsIn(project.folder);
    throw wrongUse(
      `There is no environment "${environment}": ${file} does not exist.`,
      known.length > 0 ? `Known environments: ${known.join(", ")}.` : "Write that file first; see docs/.",
    );
  }
  return project;
}

/** Environments that have a file, by name. */
export function environmentsIn(folder: string): string[] {
  return readdirSync(folder)
    .map((name) => /^Pulumi\.([A-Za-z0-9_.-]+)\.yaml$/.exec(name)?.[1])
    .filter((name): name is string => name !== undefined)
    .sort();
}

/** What `Pulumi.yaml` says, as far as the command line needs it. */
export function projectFile({ folder }: Project): { name?: string; backend?: { url?: string } } {
  return (parse(readFileSync(join(folder, "Pulumi.yaml"), "utf8")) ?? {}) as ReturnType<typeof projectFile>;
}

export function projectName(project: Project): string {
  return projectFile(project).name ?? "";
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
