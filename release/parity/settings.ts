/** Which settings of two environments differ, and which of that is meant. */
import { isDeepStrictEqual } from "node:util";
import type { EnvironmentConfig } from "../../stacks/config";
import { SIZES } from "../../stacks/sizes";

export interface SettingDifference {
  /** As in the file, without `retrofit:`. */
  setting: string;
  /** By environment. */
  values: Record<string, unknown>;
  /** Why it is meant; undefined where nobody has said so. */
  intended?: string;
}

/** What each environment has of its own, whatever it is. */
const OWN: Record<string, string> = {
  size: "its size",
  "network.cidr": "a range of its own",
  promotion: "its place on a release's way",
  live: "releases travel by promote",
  standby: "releases travel by promote",
  budget: "what it may cost",
  hours: "its hours",
  "web.schedules": "its hours",
  expires: "its end",
  permissionsBoundary: "what its account allows",
  "web.certificateArn": "the certificate of its own name",
  "web.testers": "who tests there",
  vpn: "its own tunnels",
};

/** Settings as people write them: groups are gone through, lists and tables of single values are taken as a whole. */
export function compareSettings(
  ...environments: [EnvironmentConfig, EnvironmentConfig]
): SettingDifference[] {
  const [a, b] = environments.map(plain) as [EnvironmentConfig, EnvironmentConfig];
  const all = leaves(a, b, []).filter(([first]) => first !== "environment" && first !== "differs");
  return all.map((path) => {
    const setting = path.join(".");
    const [inA, inB] = [at(a, path), at(b, path)];
    const intended = reasonFor(setting, path, a, b);
    return {
      setting,
      values: { [a.environment]: inA, [b.environment]: inB },
      ...(intended !== undefined && { intended }),
    };
  });
}

function reasonFor(setting: string, path: string[], a: EnvironmentConfig, b: EnvironmentConfig) {
  const own = named(OWN, setting);
  if (own !== undefined) return own;
  // What a link leads to is an environment's own; that there is one, the application relies on.
  if (setting === "links" && isDeepStrictEqual(namesOfLinks(a), namesOfLinks(b))) return "its own neighbours";
  const declared = [a, b].flatMap(({ differs = {}, environment }) => {
    const reason = named(differs, setting);
    return reason === undefined ? [] : [`${environment}: ${reason}`];
  });
  if (declared.length > 0) return declared.join("; ");
  const bySize = a.size !== b.size && [a, b].every((config) => isDefault(config, path));
  return bySize ? `the sizes ${a.size} and ${b.size}` : undefined;
}

const namesOfLinks = ({ links = [] }: EnvironmentConfig): string[] => links.map(({ name }) => name).sort();

/** `web.min` is named by itself and by `web`. */
function named(reasons: Record<string, string>, setting: string): string | undefined {
  return Object.entries(reasons).find(([name]) => setting === name || setting.startsWith(`${name}.`))?.[1];
}

function isDefault(config: EnvironmentConfig, path: string[]): boolean {
  return isDeepStrictEqual(at(config, path), at(plain(SIZES[config.size]), path));
}

function leaves(a: unknown, b: unknown, path: string[]): string[][] {
  if (isDeepStrictEqual(a, b)) return [];
  // What one environment has as a whole and the other has not is one difference.
  if (!isGroup(a) || !isGroup(b)) return [path];
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
  return keys.flatMap((key) => leaves(a[key], b[key], [...path, key]));
}

/** Values alone: what was read and what is a default may be of different makes. */
function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

function isGroup(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((group, key) => (isGroup(group) ? group[key] : undefined), value);
}
