/** Finds where the SDK and the bridge disagree about the shape or the name of a property. */
import type { Shape } from "./shape";

export interface Difference {
  /** Property names from the top of the resource, in the SDK's words; list elements are not marked. */
  path: string[];
  /** What the SDK has and the bridge has. */
  what: "sdk single, bridge list" | "sdk list, bridge single" | "only in sdk" | "only in bridge" | "other";
}

type Properties = Record<string, Shape>;

export function compare(sdk: Properties, bridged: Properties, path: string[] = [], deep = 0): Difference[] {
  if (deep > 8) return [];
  const found: Difference[] = [];
  for (const [name, shape] of Object.entries(sdk)) {
    const here = [...path, name];
    const other = bridged[name];
    if (!other) found.push({ path: here, what: "only in sdk" });
    else found.push(...compareShapes(shape, other, here, deep));
  }
  for (const name of Object.keys(bridged)) {
    if (!(name in sdk)) found.push({ path: [...path, name], what: "only in bridge" });
  }
  return found;
}

function compareShapes(sdk: Shape, bridged: Shape, path: string[], deep: number): Difference[] {
  if (sdk.kind === "list" && bridged.kind === "list") return compareShapes(sdk.of, bridged.of, path, deep);
  if (sdk.kind === "object" && bridged.kind === "object") {
    return compare(sdk.properties(), bridged.properties(), path, deep + 1);
  }
  if (sdk.kind === bridged.kind) return [];
  if (bridged.kind === "list") {
    return [{ path, what: "sdk single, bridge list" }, ...compareShapes(sdk, bridged.of, path, deep)];
  }
  if (sdk.kind === "list") {
    return [{ path, what: "sdk list, bridge single" }, ...compareShapes(sdk.of, bridged, path, deep)];
  }
  return [{ path, what: "other" }];
}
