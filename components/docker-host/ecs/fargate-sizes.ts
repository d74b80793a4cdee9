import type { MachineSize } from "../machine-sizes";

/** CPU units that a Fargate task may have, with the least and most MiB and the step between them (AWS's table of task sizes). */
const SIZES: readonly (readonly [cpu: number, least: number, most: number, step: number])[] = [
  [256, 512, 2048, 512],
  [512, 1024, 4096, 1024],
  [1024, 2048, 8192, 1024],
  [2048, 4096, 16_384, 1024],
  [4096, 8192, 30_720, 1024],
  [8192, 16_384, 61_440, 4096],
  [16_384, 32_768, 122_880, 8192],
];

/** A size of a task, in CPU units (1024 to the core) and MiB. */
export interface TaskSize {
  readonly cpu: number;
  readonly memoryMb: number;
}

/** The least Fargate task in which a container fits; undefined where none is large enough. */
export function fargateSize({ cpus, memoryMb }: MachineSize): TaskSize | undefined {
  const found = SIZES.find(([cpu, , most]) => cpu >= cpus * 1024 && most >= memoryMb);
  // 256 CPU units come with 512, 1024 or 2048 MiB: a step that doubles.
  if (!found) return undefined;
  const [cpu, least, , step] = found;
  const steps = Math.max(least, Math.ceil(memoryMb / step) * step);
  return { cpu, memoryMb: cpu === 256 && steps === 1536 ? 2048 : steps };
}
