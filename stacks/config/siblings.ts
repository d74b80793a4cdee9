import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { SIZES } from "../sizes";

/**
 * The networks of the other environments, by name, from the files beside this one. Files that cannot be read are for their
 * own check to complain of.
 */
export function siblingNetworks(projectRoot: string, environment: string): Record<string, string> {
  const networks: Record<string, string> = {};
  for (const file of filesIn(projectRoot)) {
    const name = /^Pulumi\.([a-z][a-z0-9-]*)\.ya?ml$/.exec(file)?.[1];
    if (name === undefined || name === environment) continue;
    const config = configOf(join(projectRoot, file));
    if (config === undefined || !("retrofit:size" in config)) continue;
    const written = (config["retrofit:network"] as { cidr?: unknown } | undefined)?.cidr;
    networks[name] = typeof written === "string" ? written : SIZES.small.network.cidr;
  }
  return networks;
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

function configOf(file: string): Record<string, unknown> | undefined {
  try {
    return (parse(readFileSync(file, "utf8")) as { config?: Record<string, unknown> }).config ?? undefined;
  } catch {
    return undefined;
  }
}
