import { getAvailabilityZonesOutput } from "@pulumi/aws/getAvailabilityZones";
import * as pulumi from "@pulumi/pulumi";
import { type Problem, renderProblems } from "../shared/validation";
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
  const chosen = listed.names.apply((names) => {
    const { zones, problem } = firstZones(names, zoneCount);
    if (problem) fail(problem, parent);
    return zones;
  });
  return Array.from({ length: zoneCount }, (_, i) => chosen.apply((zones) => zones[i]!));
}

/** The first zones by name; with a problem when the region has fewer than that. */
export function firstZones(available: string[], count: number): { zones: string[]; problem?: Problem } {
  // AWS lists zones in no particular order.
  const sorted = [...available].sort();
  // AWS refuses a zone of this name, should an update go on after the problem was reported.
  const zones = Array.from({ length: count }, (_, i) => sorted[i] ?? `no-zone-${i + 1}`);
  if (count <= sorted.length) return { zones };
  const allowed = `1 to ${sorted.length}, as this account's region has ${sorted.join(", ")}`;
  return {
    zones,
    problem: { property: "zones", got: count, allowed, fix: `Use ${sorted.length} or fewer.` },
  };
}

/**
 * Only AWS knows the zones of a region, so this one mistake cannot be found before asking it. Thrown from here, it would
 * leave an inline program of the Automation API waiting for ever for the subnets that wait for this value. A rejection
 * that nobody handles is reported by Pulumi like a thrown error, in every kind of program, and keeps nobody waiting.
 */
function fail(problem: Problem, network: pulumi.Resource): void {
  void Promise.reject(new pulumi.ResourceError(renderProblems("This network", [problem]), network, true));
}
