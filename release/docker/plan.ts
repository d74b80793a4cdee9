/** Containers and hosts in place of a list of machines. */
import { type MachineSize, need, room, sizeOf, smallestFor } from "../../components/docker-host";
import { containerName } from "./compose-values";
import type { ListedMachine } from "./machine-list";

export interface PlannedContainer {
  readonly name: string;
  readonly memoryMb: number;
  readonly cpus: number;
}

export interface Plan {
  readonly containers: readonly PlannedContainer[];
  readonly hosts: number;
  /** Undefined where no type is large enough for all of them. */
  readonly instanceType: string | undefined;
  /** What containers need on each host, room for an update included, and what the type has for them. */
  readonly needed: MachineSize;
  readonly available: MachineSize | undefined;
}

/** On top of the most that was seen, so that a container is not killed at its peak. */
const HEAD_ROOM = 1.25;

/**
 * A container for each machine, with what the machine really used and head-room, and the least type on which all of them fit.
 * Every container runs on each host, so that the loss of one is no outage.
 */
export function planHosts(machines: readonly ListedMachine[], hosts: 1 | 2): Plan {
  const containers = machines.map(containerOf);
  const needed = need(
    containers.map(({ name }) => name),
    Object.fromEntries(containers.map((one) => [one.name, { ...one, image: "" }])),
  );
  const instanceType = smallestFor(needed);
  const available = instanceType === undefined ? undefined : room(sizeOf(instanceType)!);
  return { containers, hosts, instanceType, needed, available };
}

function containerOf({ name, cpus, memoryMb, cpuPercent, memoryPercent }: ListedMachine): PlannedContainer {
  return {
    name: containerName(name),
    memoryMb: Math.max(64, upTo(32, memoryMb * (memoryPercent / 100) * HEAD_ROOM)),
    cpus: Math.max(0.05, upTo(0.05, cpus * (cpuPercent / 100) * HEAD_ROOM)),
  };
}

/** Up to the next multiple, in numbers that people write. */
function upTo(step: number, value: number): number {
  return Math.round(Math.ceil(value / step - 1e-9) * step * 100) / 100;
}
