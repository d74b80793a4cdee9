import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { applicationStream } from "../../components/elk-stack/forwarder/model";
import { SIZES } from "../sizes";

/**
 * The networks of the other environments, by name, from the files beside this one. Files that cannot be read are for their
 * own check to complain of.
 */
export function siblingNetworks(projectRoot: string, environment: string): Record<string, string> {
  const networks: Record<string, string> = {};
  for (const { name, config } of siblingsOf(projectRoot, environment)) {
    const written = (config["retrofit:network"] as { cidr?: unknown } | undefined)?.cidr;
    networks[name] = typeof written === "string" ? written : SIZES.small.network.cidr;
  }
  return networks;
}

interface WrittenLogs {
  readonly store?: unknown;
  readonly sources?: readonly { readonly application?: unknown }[];
}

/** Which other environment writes into which stream of logs, for those that share a store. */
export function siblingStreams(projectRoot: string, environment: string): Record<string, string> {
  const streams: Record<string, string> = {};
  for (const { name, config } of siblingsOf(projectRoot, environment)) {
    const logs = config["retrofit:logs"] as WrittenLogs | undefined;
    if (!logs?.store) continue;
    const { name: own } = (config["retrofit:application"] ?? {}) as { name?: unknown };
    const sources = Array.isArray(logs.sources) ? logs.sources : [];
    for (const application of [own, ...sources.map((source) => source?.application)]) {
      if (typeof application === "string") streams[applicationStream(application, name)] = name;
    }
  }
  return streams;
}

function siblingsOf(
  projectRoot: string,
  environment: string,
): { name: string; config: Record<string, unknown> }[] {
  return filesIn(projectRoot).flatMap((file) => {
    const name = /^Pulumi\.([a-z][a-z0-9-]*)\.ya?ml$/.exec(file)?.[1];
    if (name === undefined || name === environment) return [];
    const config = configOf(join(projectRoot, file));
    return config !== undefined && "retrofit:size" in config ? [{ name, config }] : [];
  });
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
