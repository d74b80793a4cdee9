import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { type EnvironmentConfig, lineInFile, loadEnvironmentFile } from "../stacks/config";
import type { Context } from "./context";
import { wrongUse } from "./errors";
import type { Project } from "./project";

/** Reads and checks an environment's file. Throws every mistake in it at once, before anything is touched. */
export function loadEnvironment(project: Project, environment: string): EnvironmentConfig {
  return loadEnvironmentFile(project.file(environment));
}

/** Throws every mistake in the configuration of the environment's machines, before the engine is started. */
export async function checkMachines(project: Project, config: EnvironmentConfig): Promise<void> {
  const { machineMistakes } = await import("../stacks/machines");
  const mistakes = machineMistakes(config, project.folder);
  if (mistakes) throw wrongUse(mistakes, "Nothing was changed.");
}

/**
 * Whether the environment's maximum stays within its budget; says what it may cost. Asked before the engine is started, so that a
 * refusal names the line. The program asks again for those who use plain `pulumi`, from the prices found here.
 */
export async function checkCosts(
  { output }: Pick<Context, "output">,
  project: Project,
  environment: string,
  config: EnvironmentConfig,
): Promise<void> {
  if (!config.budget && !config.docker) return;
  const { checkBudget, dockerSaving } = await import("../stacks/prices");
  const file = project.file(environment);
  const { lines, warnings } = await checkBudget(config, { lineOf: (keys) => lineInFile(file, keys) });
  for (const line of lines) output.line(`  ${line}`);
  for (const warning of warnings) output.warn(warning);
  const saving = await dockerSaving(config);
  if (saving) output.line(`  ${saving}`);
}

/** The environment's file as it stands, for putting it back byte for byte. */
export function readEnvironmentFile(project: Project, environment: string): Buffer {
  return readFileSync(project.file(environment));
}

/** The file's name as people know it. */
export function fileName(project: Project, environment: string): string {
  return basename(project.file(environment));
}
