import { dirname } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { EnvironmentConfigError, loadEnvironmentConfig } from "./config";
import { readRuntimeConfig } from "./config/runtime";
import type { EnvironmentConfig } from "./config/types";
import { environment } from "./environment";

type Environment = ReturnType<typeof environment>;

/**
 * The program that `pulumi up` runs. Local artifacts are relative to `projectRoot`, the folder of `Pulumi.yaml`. Where there is a budget, the
 * environment's maximum is checked against it first: a promise, since prices may have to be asked for.
 */
export function program(
  projectRoot = pulumi.getRootDirectory() || dirname(__dirname),
): Environment | Promise<Environment> {
  const wanted = config(projectRoot);
  return wanted.budget
    ? withinBudget(wanted).then(() => environment(wanted, projectRoot))
    : environment(wanted, projectRoot);
}

async function withinBudget(wanted: EnvironmentConfig): Promise<void> {
  const { checkBudget } = await import("./prices");
  try {
    const { lines, warnings } = await checkBudget(wanted);
    for (const line of lines) pulumi.log.info(line);
    for (const warning of warnings) pulumi.log.warn(warning);
  } catch (error) {
    throw asRunError(error);
  }
}

function config(projectRoot: string) {
  try {
    return loadEnvironmentConfig({ stack: pulumi.getStack(), values: readRuntimeConfig(), projectRoot });
  } catch (error) {
    throw asRunError(error);
  }
}

/** The one kind of error that the engine prints without a stack trace when there is no resource to blame. */
function asRunError(error: unknown): unknown {
  return error instanceof EnvironmentConfigError ? new pulumi.RunError(error.message) : error;
}

export { EnvironmentConfigError, type LoadOptions, loadEnvironmentConfig } from "./config";
export type * from "./config/types";
export { environment } from "./environment";
