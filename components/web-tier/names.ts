import { createHash } from "node:crypto";
import type { FleetLabel } from "./args";

/** Longest tier name: target group names end at 32 characters, of which the engine's suffix and the version take 22. */
export const NAME_LIMIT = 10;

/**
 * Logical name of a release's fleet, e.g. `web-1-5-0`. Versions that do not fit, or that would look the same
 * with dashes, get a short hash.
 */
export function fleetName(tier: string, version: string): string {
  const plain = version.toLowerCase().replace(/\./g, "-");
  if (/^[a-z0-9-]{1,14}$/.test(plain) && /^\d+\.\d+\.\d+$/.test(version)) return `${tier}-${plain}`;
  const hash = createHash("sha256").update(version).digest("hex").slice(0, 5);
  return `${tier}-${plain
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 8)
    .replace(/-+$/, "")}-${hash}`;
}

/** Logical name of the one fleet whose machines are updated in place: no version in it, so that it stays. */
export function inPlaceFleetName(tier: string): string {
  return `${tier}-in-place`;
}

/**
 * A label that a release keeps for life whatever else is declared, since a changed tag would change the fleet.
 * It turns with each step of a version, so that neighbours differ: 1.0.0 is blue, 1.1.0 green, 1.1.1 blue.
 */
export function fleetLabel(version: string): FleetLabel {
  const steps = (version.match(/\d+/g) ?? []).reduce((sum, part) => sum + Number(part), 0);
  return steps % 2 === 1 ? "blue" : "green";
}

/** Tag of an Auto Scaling group: the maximum that config gives it, whatever bounds a schedule has left it with. */
export const MAXIMUM_TAG = "retrofit:maximum";
