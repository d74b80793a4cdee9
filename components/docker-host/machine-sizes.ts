/** What an EC2 instance type has to give. */
export interface MachineSize {
  /** Cores (vCPU). */
  readonly cpus: number;
  /** MiB. */
  readonly memoryMb: number;
}

/** GiB of memory per vCPU of each family (aws.amazon.com/ec2/instance-types, instance families of generations 5–7). */
const GIB_PER_CPU: Readonly<Record<string, number>> = { c: 2, m: 4, r: 8 };

/** vCPU by size, where a family follows the rule. */
const CPUS: Readonly<Record<string, number>> = {
  large: 2,
  xlarge: 4,
  "2xlarge": 8,
  "4xlarge": 16,
  "8xlarge": 32,
  "12xlarge": 48,
  "16xlarge": 64,
};

/** Burstable types: GiB by size, all with 2 vCPU up to `large`. */
const BURSTABLE_GIB: Readonly<Record<string, number>> = {
  nano: 0.5,
  micro: 1,
  small: 2,
  medium: 4,
  large: 8,
  xlarge: 16,
  "2xlarge": 32,
};

const RULED = /^([cmr])(6|7)([agi]|gd|id|ad)?$/;
const BURSTABLE = /^t(3|3a|4g)$/;

/** The size of a type, or undefined for one that the table does not know. */
export function sizeOf(instanceType: string): MachineSize | undefined {
  const [family = "", size = ""] = instanceType.split(".");
  if (BURSTABLE.test(family)) {
    const gib = BURSTABLE_GIB[size];
    return gib === undefined ? undefined : { cpus: Math.max(2, gib / 4), memoryMb: gib * 1024 };
  }
  const ruled = RULED.exec(family);
  const cpus = CPUS[size];
  if (!ruled || cpus === undefined) return undefined;
  return { cpus, memoryMb: cpus * GIB_PER_CPU[ruled[1]!]! * 1024 };
}

/** Types that a host can be proposed from, smallest first: general purpose, then with more memory, then with more CPU. */
const PROPOSED = ["m6i", "r6i", "c6i"].flatMap((family) =>
  Object.keys(CPUS).map((size) => `${family}.${size}`),
);

/** What a host keeps for itself (kernel, daemon, forwarder), in MiB: half a GiB and a twentieth of the machine. */
export function reservedMb(size: MachineSize): number {
  return Math.ceil(512 + size.memoryMb / 20);
}

/** What containers may have of a machine. */
export function room(size: MachineSize): MachineSize {
  return { cpus: size.cpus, memoryMb: size.memoryMb - reservedMb(size) };
}

/** MiB that the system of a machine needs beside the one application on it. */
const SYSTEM_MB = 300;

/** Types for one application, smallest first. */
const SMALL = [
  ...Object.keys(BURSTABLE_GIB).map((size) => `t3.${size}`),
  ...Object.keys(CPUS).map((size) => `m6i.${size}`),
  ...Object.keys(CPUS).map((size) => `r6i.${size}`),
];

/** The least type for one application that has its machine for itself; undefined where none is large enough. */
export function machineFor(need: MachineSize): string | undefined {
  return SMALL.find((type) => {
    const size = sizeOf(type)!;
    return size.cpus >= need.cpus && size.memoryMb - SYSTEM_MB >= need.memoryMb;
  });
}

/** The least type in which so much fits, by memory and then by CPU; undefined where none of the proposed is large enough. */
export function smallestFor(need: MachineSize): string | undefined {
  return PROPOSED.map((type) => ({ type, size: sizeOf(type)! }))
    .filter(({ size }) => room(size).cpus >= need.cpus && room(size).memoryMb >= need.memoryMb)
    .sort((a, b) => a.size.memoryMb + a.size.cpus * 2048 - (b.size.memoryMb + b.size.cpus * 2048))[0]?.type;
}
