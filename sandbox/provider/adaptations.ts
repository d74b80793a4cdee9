/** The rules of `adaptation-table.json`, by the SDK's path of a type (`cloudwatch/metricAlarm`). */
import type { Rules } from "./adapt";
import table from "./adaptation-table.json";

export interface Adaptations {
  resources: Record<string, Rules>;
  functions: Record<string, Rules>;
  /** Names in the bridge of the types that have a `region` of their own. */
  regional: { inputs: string[]; outputs: string[] };
}

const known: Adaptations = table as Adaptations;
const regional = { inputs: new Set(known.regional.inputs), outputs: new Set(known.regional.outputs) };

const pathOf = (token: string): string => token.split(":")[1] ?? "";

export function rulesOf(token: string, kind: "resource" | "function"): Rules | undefined {
  return (kind === "resource" ? known.resources : known.functions)[pathOf(token)];
}

/** Whether a type has a `region` of its own, by its token in the bridge. */
export function hasRegion(bridgedToken: string, direction: "inputs" | "outputs"): boolean {
  return regional[direction].has(pathOf(bridgedToken).split("/").pop()!);
}

/** How the provider's own configuration differs. */
export const CONFIG_RULES: Rules = {
  defaultTags: { shape: "wrap" },
  ignoreTags: { shape: "wrap" },
  assumeRoleWithWebIdentity: { shape: "wrap", to: "assumeRoleWithWebIdentities" },
};
