/** What of an environment's outputs has to be the same after it was made anew: which there are, and which release is live. */
export function shapeOf(outputs: Record<string, unknown>): string[] {
  const { live } = outputs as { live?: { version?: string; sha256?: string } | null };
  return [...paths(outputs, ""), `live is ${live?.version ?? "nothing"} ${live?.sha256 ?? ""}`.trim()].sort();
}

function paths(value: unknown, at: string): string[] {
  if (typeof value !== "object" || value === null) return [at];
  // How many alarms there are counts; their names are made anew.
  if (Array.isArray(value)) return [`${at} × ${value.length}`];
  return Object.entries(value).flatMap(([key, child]) => paths(child, at === "" ? key : `${at}.${key}`));
}

export interface ShapeDifference {
  missing: string[];
  added: string[];
}

export function compareShapes(before: readonly string[], after: readonly string[]): ShapeDifference {
  return {
    missing: before.filter((line) => !after.includes(line)),
    added: after.filter((line) => !before.includes(line)),
  };
}
