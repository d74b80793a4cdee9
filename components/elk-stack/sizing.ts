/** How large a store has to be. */

interface Volume {
  readonly dailyGb: number;
  readonly retentionDays: number;
}

/**
 * What AWS counts on for each GB of source: a tenth for the index, and what Linux and the service keep for themselves
 * ("Sizing Amazon OpenSearch Service domains": source × (1 + replicas) × 1.45).
 */
const OVERHEAD = 1.45;
/** Storage that stays free, so that shards can move and a loud day is no emergency. */
const SPARE = 1.2;
/** Least disk of a node, in GB. */
const LEAST_GB = 10;

/** Each line is stored twice as soon as there are two nodes to store it on. */
export const replicasFor = (nodes: number): number => (nodes > 1 ? 1 : 0);

/** Least storage of all nodes together, in GB. */
export function neededGb({ dailyGb, retentionDays }: Volume, nodes: number): number {
  // The day that is written and the one that waits for its deletion are there as well.
  return dailyGb * (retentionDays + 1) * (1 + replicasFor(nodes)) * OVERHEAD;
}

/** Disk of each node, in whole GB. */
export function diskPerNode(volume: Volume, nodes: number): number {
  return Math.max(LEAST_GB, Math.ceil((neededGb(volume, nodes) * SPARE) / nodes));
}

/** Most days that the disks hold of a daily volume. */
export function daysThatFit(dailyGb: number, storageGb: number, nodes: number): number {
  return Math.max(0, Math.floor((storageGb * nodes) / (dailyGb * (1 + replicasFor(nodes)) * OVERHEAD) - 1));
}
