import type { EnvironmentConfig } from "./types";

export interface LoadOptions {
  /** Name of the stack, which is the name of the environment. */
  stack: string;
  /** `retrofit:*` and `aws:*` keys; values as YAML gave them, or as the JSON text that Pulumi hands to a program. */
  values: Record<string, unknown>;
  /** Folder that local artifacts are relative to. */
  projectRoot: string;
}

export function loadEnvironmentConfig(_options: LoadOptions): EnvironmentConfig {
  throw new Error("stacks/config is being written");
}
