import type { ContainerArgs } from "./args";
import type { MachineSize } from "./machine-sizes";

type Containers = Readonly<Record<string, ContainerArgs>>;

/** True for a container whose data is on one host's disk, so that it can be on that host only. */
export function needsDisk({ volumes = [] }: ContainerArgs): boolean {
  return volumes.some(({ type }) => type === "disk");
}

/**
 * Which containers each host runs. Everything runs on every host, so that the loss of one is no outage; what has data on a
 * disk runs on one, and those are dealt out by memory, largest first.
 */
export function place(containers: Containers, hosts: number): string[][] {
  const names = Object.keys(containers);
  const placed = Array.from({ length: hosts }, () => names.filter((name) => !needsDisk(containers[name]!)));
  const load = placed.map((own) => own.reduce((sum, name) => sum + containers[name]!.memoryMb, 0));
  const single = names
    .filter((name) => needsDisk(containers[name]!))
    .sort((a, b) => containers[b]!.memoryMb - containers[a]!.memoryMb || (a < b ? -1 : 1));
  for (const name of single) {
    const host = load.indexOf(Math.min(...load));
    placed[host]!.push(name);
    load[host] = load[host]! + containers[name]!.memoryMb;
  }
  return placed.map((own) => inOrder(own, containers));
}

/** What the containers of a host need at most, while the largest of them runs twice because it is being updated. */
export function need(names: readonly string[], containers: Containers): MachineSize {
  const own = names.map((name) => containers[name]!);
  const beside = own.filter((container) => updateOf(container) === "beside");
  const most = (of: (container: ContainerArgs) => number) =>
    own.reduce((sum, container) => sum + of(container), 0) + Math.max(0, ...beside.map(of));
  return { cpus: most(({ cpus }) => cpus), memoryMb: most(({ memoryMb }) => memoryMb) };
}

export function updateOf(container: ContainerArgs): "beside" | "stopFirst" {
  const writes = container.volumes?.some(({ type, readOnly }) => type === "disk" && !readOnly) ?? false;
  return container.update ?? (writes ? "stopFirst" : "beside");
}

/** Dependencies before what depends on them, else as declared. A cycle is left as declared: the checks refuse it. */
export function inOrder(names: readonly string[], containers: Containers): string[] {
  const ordered: string[] = [];
  const visit = (name: string, path: readonly string[]) => {
    if (ordered.includes(name) || path.includes(name)) return;
    for (const before of containers[name]?.dependsOn ?? []) {
      if (names.includes(before)) visit(before, [...path, name]);
    }
    ordered.push(name);
  };
  for (const name of names) visit(name, []);
  return ordered;
}

/** A cycle of dependencies as names, the first repeated at the end; undefined when there is none. */
export function findCycle(containers: Containers): string[] | undefined {
  const done = new Set<string>();
  const visit = (name: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name];
    if (done.has(name)) return undefined;
    for (const before of containers[name]?.dependsOn ?? []) {
      const cycle = visit(before, [...path, name]);
      if (cycle) return cycle;
    }
    done.add(name);
    return undefined;
  };
  for (const name of Object.keys(containers)) {
    const cycle = visit(name, []);
    if (cycle) return cycle;
  }
  return undefined;
}
