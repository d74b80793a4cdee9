import { dirname } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { EnvironmentConfigError, loadEnvironmentConfig } from "./config";
import { readRuntimeConfig } from "./config/runtime";
import { environment } from "./environment";

/** The program that `pulumi up` runs. Local artifacts are relative to `projectRoot`, the folder of `Pulumi.yaml`. */
export function program(projectRoot = dirname(__dirname)): ReturnType<typeof environment> {
  return environment(config(projectRoot), projectRoot);
}

function config(projectRoot: string) {
  try {
    return loadEnvironmentConfig({ stack: pulumi.getStack(), values: readRuntimeConfig(), projectRoot });
  } catch (error) {
    // The one kind of error that the engine prints without a stack trace when there is no resource to blame.
    if (error instanceof EnvironmentConfigError) throw new pulumi.RunError(error.message);
    throw error;
  }
}

export { EnvironmentConfigError, type LoadOptions, loadEnvironmentConfig } from "./config";
export type * from "./config/types";
export { environment } from "./environment";
