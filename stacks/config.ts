/** The schema of `Pulumi.<environment>.yaml`: read it, check all of it at once, fill in the defaults of its size. */
export { type ConfigProblem, EnvironmentConfigError } from "./config/errors";
export { type LoadFileOptions, lineInFile, loadEnvironmentFile } from "./config/file";
export { type LoadOptions, loadEnvironmentConfig } from "./config/load";
export type * from "./config/types";
