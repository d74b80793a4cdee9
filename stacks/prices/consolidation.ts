/** What it saves to run containers on a few hosts rather than each on a small machine of its own. */
import { type MachineSize, machineFor } from "../../components/docker-host/machine-sizes";
import { type Estimate, estimate, money } from "./estimate";
import type { FoundPrices } from "./find-prices";
import { type Item, machinesItems } from "./items";

/** GiB of disk that a small machine has. */
const SMALL_MACHINE_GB = 8;

/** A container as it is counted: once for each host that it runs on. */
export interface Counted {
  readonly name: string;
  readonly size: MachineSize;
  readonly copies: number;
}

export interface Consolidation {
  readonly hosts: Estimate;
  readonly machines: Estimate;
  /** Names of containers that no machine of their own is large enough for. */
  readonly tooLarge: readonly string[];
}

/** One small machine for each container, types together. */
export function separateMachines(containers: readonly Counted[]): { items: Item[]; tooLarge: string[] } {
  const counts = new Map<string, number>();
  const tooLarge: string[] = [];
  for (const { name, size, copies } of containers) {
    const type = machineFor(size);
    if (type === undefined) tooLarge.push(name);
    else counts.set(type, (counts.get(type) ?? 0) + copies);
  }
  const items = [...counts].flatMap(([type, count]) => machinesItems(type, count, SMALL_MACHINE_GB));
  return { items, tooLarge };
}

export function consolidation(
  hosts: readonly Item[],
  containers: readonly Counted[],
  { prices }: FoundPrices,
): Consolidation {
  const { items, tooLarge } = separateMachines(containers);
  return { hosts: estimate(hosts, prices), machines: estimate(items, prices), tooLarge };
}

/** In one sentence for people, with how each sum came about; without prices it says which are missing. */
export function savingText({ hosts, machines, tooLarge }: Consolidation, currency: string): string {
  const missing = [...new Set([...hosts.missing, ...machines.missing].map(({ name }) => name))];
  if (missing.length > 0) {
    return `what the hosts save cannot be said: no price for ${missing.join(", ")}. Set it in retrofit:prices.`;
  }
  if (tooLarge.length > 0) {
    return `what the hosts save cannot be said: no machine of its own is known that ${tooLarge.join(", ")} fits on.`;
  }
  const saved = machines.total - hosts.total;
  const percent = machines.total > 0 ? Math.round((saved / machines.total) * 100) : 0;
  const sum = ({ lines, total }: Estimate) =>
    `${money(total)} (${lines.map(({ text }) => text).join(" + ")})`;
  const sources = [...new Set([...hosts.sources, ...machines.sources])].join("; ");
  const verdict =
    saved > 0
      ? `saves ${money(saved)} ${currency} a month, ${percent} %`
      : `costs ${money(-saved)} ${currency} a month more`;
  return `${verdict}, against one small machine for each container: ${sum(hosts)} in place of ${sum(machines)} (${sources})`;
}
