/**
 * Finds the bridged type that stands behind an SDK type. The names follow no rule (`aws:rds/instance:Instance` is
 * `aws_db_instance`), the properties nearly always do: two types with the same name parts and the same properties are one.
 */
import type { Described } from "./shape";

export interface Match {
  token: string;
  /** 0 … 1 */
  score: number;
  /** How much better it is than the second best. */
  lead: number;
}

/** Below this the SDK type has no counterpart: it is newer than the Terraform provider. */
export const THRESHOLD = 0.6;

/** Names that the SDK gave to services, in Terraform's words. */
const SYNONYMS: Record<string, string[]> = {
  rds: ["db"],
  alb: ["lb"],
  cfg: ["config"],
  directconnect: ["dx"],
  directoryservice: ["directory", "service"],
};

export function words(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(Boolean);
}

function overlap(a: Set<string>, b: Set<string>): number {
  let both = 0;
  for (const x of a) if (b.has(x)) both++;
  return both / (a.size + b.size - both || 1);
}

/** Property names without plural endings and without what version 7 added everywhere. */
function traits(type: Described): Set<string> {
  const names = [...Object.keys(type.inputs), ...Object.keys(type.outputs)];
  return new Set(
    names.filter((name) => name !== "region" && name !== "id").map((name) => name.replace(/(ie)?s$/, "")),
  );
}

function nameScore(sdk: string, bridged: string): number {
  const [, path, short] = sdk.split(":");
  const module = path!.split("/")[0]!;
  const wanted = words(bridged.split(":")[2]!).join("");
  const name = words(short!)
    .filter((word) => word !== "get")
    .join("");
  const target = wanted.replace(/^get/, "");
  const services = [module, ...(SYNONYMS[module] ?? []), ""];
  if (services.some((service) => service + name === target)) return 1;
  if (target.endsWith(name) || name.endsWith(target)) return 0.7;
  return overlap(new Set(words(short!)), new Set(words(bridged.split(":")[2]!))) * 0.7;
}

export function matchAll(sdk: Iterable<Described>, bridged: Iterable<Described>): Map<string, Match> {
  const candidates = [...bridged].map((type) => ({ type, traits: traits(type) }));
  const found = new Map<string, Match>();
  for (const type of sdk) {
    const own = traits(type);
    let best = { token: "", score: 0 };
    let second = 0;
    for (const candidate of candidates) {
      const score = 0.6 * overlap(own, candidate.traits) + 0.4 * nameScore(type.token, candidate.type.token);
      if (score > best.score) {
        second = best.score;
        best = { token: candidate.type.token, score };
      } else if (score > second) second = score;
    }
    if (best.score >= THRESHOLD) found.set(type.token, { ...best, lead: best.score - second });
  }
  return found;
}
