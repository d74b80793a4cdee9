/**
 * What the program makes of an environment's settings: kinds of resources, and what each is given. Nothing is asked of AWS;
 * the program is run against a recorder.
 */
import { isDeepStrictEqual } from "node:util";
import { graphOf } from "../../components/shared/mocks";
import type { EnvironmentConfig } from "../../stacks/config";
import { environment } from "../../stacks/environment";

/** Inputs of each resource, by type and name. */
export type Resources = ReadonlyMap<string, unknown>;

/** The same release everywhere: what differs then is the environment. */
const RELEASE = {
  version: "1.0.0",
  artifact: "s3://releases/1.0.0.tar.gz",
  sha256: "0".repeat(64),
  image: "ami-00000000",
  database: "none" as const,
};

export type Program = (config: EnvironmentConfig, projectRoot: string) => unknown;

export async function resourcesOf(
  config: EnvironmentConfig,
  projectRoot: string,
  program: Program = environment,
): Promise<Resources> {
  const { standby: _, ...settings } = config;
  const { resources } = await graphOf(() => program({ ...settings, live: RELEASE }, projectRoot));
  return new Map(
    resources
      .filter(({ type }) => !type.startsWith("pulumi:"))
      .map(({ type, name, inputs, options: { protect } }) => [
        `${type} ${name}`,
        withoutName({ ...inputs, protect }, config.environment),
      ]),
  );
}

/** How many of each kind there are, such as `ec2/subnet`. */
export function kindsOf(resources: Resources): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const key of resources.keys()) {
    const kind = key.split(" ")[0]!.replace(/^aws:([^/:]+)\/([^:]+):.*$/, "$1/$2");
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

/** Resources that only one of the two has, or that are given something else there. */
export function compareResources(a: Resources, b: Resources): string[] {
  return [...new Set([...a.keys(), ...b.keys()])]
    .filter((key) => !isDeepStrictEqual(a.get(key), b.get(key)))
    .sort();
}

/** The environment's name is in tags, and in what machines are told; that is no difference. */
function withoutName(value: unknown, name: string): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutName(item, name));
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [
        key,
        withoutName(key === "userData" ? Buffer.from(String(item), "base64").toString() : item, name),
      ]),
    );
  }
  if (typeof value !== "string") return value;
  return value === name ? "<environment>" : value.replaceAll(`"${name}"`, '"<environment>"');
}
