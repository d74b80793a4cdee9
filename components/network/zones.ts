import { getAvailabilityZonesOutput } from "@pulumi/aws/getAvailabilityZones";
import * as pulumi from "@pulumi/pulumi";
import type { NetworkSettings } from "./settings";

/** Name of each zone: the ones given, or the first of the region by name. */
export function zoneNames(
  { zoneCount, zoneNames: given }: NetworkSettings,
  parent: pulumi.ComponentResource,
): pulumi.Input<string>[] {
  if (given !== undefined) return given;
  // Local Zones and the like have to be asked for; a zone that needs no asking is an ordinary one.
  const filters = [{ name: "opt-in-status", values: ["opt-in-not-required"] }];
  const listed = getAvailabilityZonesOutput({ state: "available", filters }, { parent });
  const chosen = listed.names.apply((names) => firstZones(names, zoneCount, parent));
  return Array.from({ length: zoneCount }, (_, i) => chosen.apply((names) => names[i]!));
}

function firstZones(names: string[], count: number, parent: pulumi.Resource): string[] {
  // AWS lists zones in no particular order.
  const sorted = [...names].sort();
  if (sorted.length < count) {
    // Only AWS knows the zones of a region, so this one mistake cannot be found before asking it.
    throw new pulumi.ResourceError(
      `zones: got ${count}; the region has ${sorted.length} for this account (${sorted.join(", ")})\n` +
        `    → Use ${sorted.length} or fewer.`,
      parent,
      true,
    );
  }
  return sorted.slice(0, count);
}
