import { getAvailabilityZonesOutput } from "@pulumi/aws/getAvailabilityZones";
import * as pulumi from "@pulumi/pulumi";
import { renderProblems } from "../shared/validation";
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
  if (sorted.length < count) reportTooFew(sorted, count, parent);
  // AWS refuses a zone of this name, should the update go on (`--skip-preview`) after the error was reported.
  return Array.from({ length: count }, (_, i) => sorted[i] ?? `no-zone-${i + 1}`);
}

/**
 * Only AWS knows the zones of a region, so this one mistake cannot be found before asking it. It is logged, which fails
 * the preview: an error thrown while a resource waits for the value would leave an inline program waiting for ever.
 */
function reportTooFew(zones: string[], count: number, parent: pulumi.Resource): void {
  const message = renderProblems("This network", [
    {
      property: "zones",
      got: count,
      allowed: `1 to ${zones.length}, as this account's region has ${zones.join(", ")}`,
      fix: `Use ${zones.length} or fewer.`,
    },
  ]);
  void pulumi.log.error(message, parent);
}
