import { type Problem, Problems } from "../shared/validation";
import type { Allowance, ContainerArgs, DockerHostArgs } from "./args";
import { type MachineSize, room, sizeOf, smallestFor } from "./machine-sizes";
import { findCycle, need, needsDisk, place } from "./placement";
import { checkShares } from "./shares";

const NAME = /^[a-z][a-z0-9-]{0,19}$/;
/** A digest, or the id of an image: both name the content and cannot come to mean another. */
const IMAGE = /^(?:[a-z0-9][\w./:-]*@)?sha256:[0-9a-f]{64}$/;
const SOCKET = /(^|\/)docker\.sock$/;

/** Everything wrong with the arguments that can be told before anything is made. */
export function checkDockerHost(name: string, args: DockerHostArgs): Problems {
  const problems = new Problems(`DockerHost "${name}"`);
  problems.add(...checkContainers(args, "host"), ...checkShares(args));
  const { diskBackupDays: days, diskSizeGb } = args;
  if (days !== undefined) {
    problems.require(Number.isInteger(days) && days >= 1 && days <= 365 && diskSizeGb !== undefined, {
      property: "diskBackupDays",
      got: days,
      allowed: "1 to 365, with diskSizeGb",
      fix:
        diskSizeGb === undefined
          ? "Add diskSizeGb, or leave it out."
          : "Leave it out for 7, or 35 where protected.",
    });
  }
  if (problems.list.length === 0) problems.add(...checkFit(args));
  return problems;
}

type Declared = Pick<DockerHostArgs, "containers" | "loadBalancer" | "hosts" | "diskSizeGb">;

/**
 * What is wrong with declarations wherever they run. On a `host` ports are the machine's; on a `cluster` each container has
 * an address of its own.
 */
export function checkContainers(args: Declared, on: "host" | "cluster"): Problem[] {
  const containers = Object.entries(args.containers);
  if (containers.length === 0) {
    return [
      {
        property: "containers",
        got: args.containers,
        allowed: "at least one container",
        fix: "Declare one, or leave the host out.",
      },
    ];
  }
  return [
    ...containers.flatMap(([name, declared]) => checkContainer(name, declared, args)),
    ...(on === "host" ? checkHostPorts(args) : []),
    ...checkRoutes(args, on),
    ...checkDependencies(args),
  ];
}

function checkContainer(name: string, container: ContainerArgs, args: Declared): Problem[] {
  const at = (property: string) => `containers.${name}${property && `.${property}`}`;
  const found: Problem[] = [];
  const refuseUnless = (ok: boolean, property: string, got: unknown, allowed: string, fix: string) => {
    if (!ok) found.push({ property: at(property), got, allowed, fix });
  };
  refuseUnless(
    NAME.test(name),
    "",
    name,
    "lower case letters, digits and -, up to 20",
    "Give it a shorter name.",
  );
  const { memoryMb, cpus, pids = 256 } = container;
  refuseUnless(
    memoryMb >= 6,
    "memoryMb",
    memoryMb,
    "6 and more",
    "Say what it needs at most; it is killed above.",
  );
  refuseUnless(cpus > 0, "cpus", cpus, "above 0, in cores", "Say what it may use at most, such as 0.5.");
  refuseUnless(
    Number.isInteger(pids) && pids > 0,
    "pids",
    pids,
    "a whole number above 0",
    "Leave it out for 256.",
  );
  for (const [index, volume] of (container.volumes ?? []).entries()) {
    refuseUnless(
      volume.path.startsWith("/") && !volume.path.split("/").includes(".."),
      `volumes[${index}].path`,
      volume.path,
      "an absolute path without ..",
      "Write the folder in full.",
    );
  }
  if (needsDisk(container) && args.diskSizeGb === undefined) {
    found.push({
      property: "diskSizeGb",
      allowed: "the size of the data disk in GiB",
      fix: `Add it: ${at("volumes")} has one of type "disk".`,
    });
  }
  return [...found, ...checkAllowances(name, container)];
}

/** What is refused unless it was said in words, how it is recognised, and what to do instead. */
const DANGERS: readonly [Allowance, (container: ContainerArgs) => unknown, string][] = [
  ["privileged", ({ privileged }) => privileged, "name the capabilities it needs"],
  ["hostNetwork", ({ hostNetwork }) => hostNetwork, "publish the ports it needs"],
  [
    "dockerSocket",
    ({ volumes = [] }) => volumes.find(({ path }) => SOCKET.test(path) || path === "/")?.path,
    "leave the daemon to the host: whoever has its socket is root there",
  ],
  ["mutableImage", ({ image }) => !IMAGE.test(image) && image, "name it by digest, as in name@sha256:…"],
  ["writableRoot", ({ writableRoot }) => writableRoot, "mount a volume where it writes"],
];

function checkAllowances(name: string, container: ContainerArgs): Problem[] {
  return DANGERS.flatMap(([word, dangerous, instead]) => {
    const got = dangerous(container);
    if (!got || container.allow?.includes(word)) return [];
    const property = word === "mutableImage" ? "image" : word === "dockerSocket" ? "volumes" : word;
    return [
      {
        property: `containers.${name}.${property}`,
        got,
        allowed: `only with allow: ["${word}"]`,
        fix: `Better ${instead}.`,
      },
    ];
  });
}

/** Two ports of the host for each published one: a new version comes up on the second. */
function checkHostPorts({ containers }: Declared): Problem[] {
  const found: Problem[] = [];
  const hostPorts = new Map<number, string>();
  for (const [name, { ports = [] }] of Object.entries(containers)) {
    for (const [index, port] of ports.entries()) {
      const property = `containers.${name}.ports[${index}]`;
      const taken = [port.host, port.host === undefined ? undefined : port.host + 1]
        .map((number) => (number === undefined ? undefined : hostPorts.get(number)))
        .find(Boolean);
      if (port.host !== undefined && (port.host < 1024 || port.host > 65534)) {
        found.push({
          property: `${property}.host`,
          got: port.host,
          allowed: "1024 to 65534",
          fix: "Choose a high port; users come through the load balancer.",
        });
      } else if (taken) {
        found.push({
          property: `${property}.host`,
          got: port.host,
          allowed: "a port that, with the next one, no other container has",
          fix: `${taken} has it: each published port takes two, the second for the next version.`,
        });
      }
      if (port.host !== undefined) {
        hostPorts.set(port.host, name);
        hostPorts.set(port.host + 1, name);
      }
    }
  }
  return found;
}

function checkRoutes({ containers, loadBalancer }: Declared, on: "host" | "cluster"): Problem[] {
  const priorities = new Map<number, string>();
  return Object.entries(containers).flatMap(([name, { ports = [] }]) =>
    ports.flatMap((port, index) => {
      const reachable = on === "cluster" || port.host !== undefined;
      const property = `containers.${name}.ports[${index}]`;
      return checkRoute(property, port, priorities, name, {
        balanced: loadBalancer !== undefined,
        reachable,
      });
    }),
  );
}

type Port = NonNullable<ContainerArgs["ports"]>[number];

function checkRoute(
  property: string,
  { route }: Port,
  priorities: Map<number, string>,
  name: string,
  { balanced, reachable }: { balanced: boolean; reachable: boolean },
): Problem[] {
  if (!route) return [];
  const found: Problem[] = [];
  if (!reachable) {
    found.push({
      property: `${property}.host`,
      allowed: "1024 to 65534",
      fix: "Publish the port: the load balancer reaches it on the host.",
    });
  }
  if (!balanced) {
    found.push({
      property: "loadBalancer",
      allowed: "the listener and the security group of a load balancer",
      fix: `Pass them: ${property}.route needs them.`,
    });
  }
  if ((route.paths ?? []).length + (route.hosts ?? []).length === 0) {
    found.push({
      property: `${property}.route`,
      got: route,
      allowed: "paths, hosts or both",
      fix: 'Write paths: ["/reports/*"].',
    });
  }
  const rival = priorities.get(route.priority);
  if (rival) {
    found.push({
      property: `${property}.route.priority`,
      got: route.priority,
      allowed: "a number that no other route has",
      fix: `${rival} has it.`,
    });
  }
  priorities.set(route.priority, name);
  return found;
}

function checkDependencies({ containers, hosts = 1 }: Declared): Problem[] {
  const found: Problem[] = [];
  for (const [name, { dependsOn = [] }] of Object.entries(containers)) {
    for (const other of dependsOn) {
      const property = `containers.${name}.dependsOn`;
      if (!containers[other]) {
        found.push({
          property,
          got: other,
          allowed: Object.keys(containers)
            .filter((one) => one !== name)
            .join(", "),
          fix: "Name a container of this host.",
        });
      } else if (hosts > 1 && needsDisk(containers[other])) {
        found.push({
          property,
          got: other,
          allowed: "containers that run on every host",
          fix: `${other} has a disk and runs on one host only: use one host, or give ${other} a route.`,
        });
      }
    }
  }
  const cycle = findCycle(containers);
  if (cycle) {
    found.push({
      property: `containers.${cycle[0]}.dependsOn`,
      got: cycle.join(" → "),
      allowed: "no circle",
      fix: "Take one of these dependencies out.",
    });
  }
  return found;
}

/** The size of the hosts' type, as given or as the table has it. */
export function hostSize(args: DockerHostArgs): MachineSize | undefined {
  return args.size ?? sizeOf(args.instanceType);
}

function checkFit(args: DockerHostArgs): Problem[] {
  const size = hostSize(args);
  if (!size) {
    return [
      {
        property: "size",
        allowed: "cpus and memoryMb of the type",
        fix: `Write size: { cpus: …, memoryMb: … }: "${args.instanceType}" is not in the table of types.`,
      },
    ];
  }
  const most = place(args.containers, args.hosts ?? 1)
    .map((names) => need(names, args.containers))
    .reduce((a, b) => ({
      cpus: Math.max(a.cpus, b.cpus),
      memoryMb: Math.max(a.memoryMb, b.memoryMb),
    }));
  const given = room(size);
  if (most.memoryMb <= given.memoryMb && most.cpus <= given.cpus) return [];
  const better = smallestFor(most);
  const has = `${given.memoryMb} MiB and ${given.cpus} cores for containers`;
  return [
    {
      property: "instanceType",
      got: args.instanceType,
      allowed: `a type with ${most.memoryMb} MiB and ${round(most.cpus)} cores for containers on one host, room for an update included`,
      fix: better
        ? `Use ${better}, or lower the containers' limits: ${args.instanceType} has ${has}.`
        : `Use engine-managed capacity for so much, or lower the containers' limits: ${args.instanceType} has ${has}.`,
    },
  ];
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
