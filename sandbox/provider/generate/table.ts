/** Makes the token table (`../token-table.json`) from the SDK's and the bridge's descriptions. */
import type { TokenTable } from "../tokens";
import type { Bridged } from "./bridged";
import { matchAll } from "./match";
import { FUNCTION_OVERRIDES, RESOURCE_OVERRIDES } from "./overrides";
import type { Sdk } from "./sdk";
import type { Described } from "./shape";

/** `aws:ec2/vpc:Vpc` → `ec2/vpc`; functions of the root module, `aws:index/getRegion:getRegion` → `index/getRegion`. */
export function pathOf(token: string): string {
  return token.split(":")[1]!;
}

export function makeTable(sdk: Sdk, bridged: Bridged): TokenTable {
  return {
    resources: side(sdk.resources, bridged.resources, RESOURCE_OVERRIDES),
    functions: side(sdk.functions, bridged.functions, FUNCTION_OVERRIDES),
  };
}

function side(
  sdk: Map<string, Described>,
  bridged: Map<string, Described>,
  overrides: Record<string, string | null>,
): Record<string, Record<string, string>> {
  const matches = matchAll(sdk.values(), bridged.values());
  const table: Record<string, Record<string, string>> = {};
  for (const token of [...sdk.keys()].sort()) {
    const path = pathOf(token);
    const found = matches.get(token);
    const name = path in overrides ? overrides[path] : found && pathOf(found.token).split("/")[1];
    if (!name) continue;
    const [module, short] = path.split("/") as [string, string];
    table[module] ??= {};
    table[module][short] = name;
  }
  return table;
}
