import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { type EnvironmentConfig, loadEnvironmentFile } from "../stacks/config";
import type { Project } from "./project";

/** Reads and checks an environment's file. Throws every mistake in it at once, before anything is touched. */
export function loadEnvironment(project: Project, environment: string): EnvironmentConfig {
  return loadEnvironmentFile(project.file(environment));
}

/** The environment's file as it stands, for putting it back byte for byte. */
export function readEnvironmentFile(project: Project, environment: string): Buffer {
  return readFileSync(project.file(environment));
}

/** The file's name as people know it. */
export function fileName(project: Project, environment: string): string {
  return basename(project.file(environment));
}
