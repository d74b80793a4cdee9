import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { stringify } from "yaml";
import {
  type ContainerArgs,
  checkDockerHost,
  type DockerHostArgs,
  need,
  smallestFor,
} from "../../components/docker-host";
import type { ContainerConfig, EnvironmentConfig } from "../../stacks/config";
import { consolidation, findPrices, machinesItems, savingText, separateMachines } from "../../stacks/prices";
import type { Context } from "../context";
import { importCompose } from "../docker/compose";
import { readMachineList } from "../docker/machine-list";
import { type Plan, planHosts } from "../docker/plan";
import { wrongUse } from "../errors";
import { openProject } from "../project";
import { loadEnvironment } from "../settings";

/** GiB of a proposed host's root volume. */
const HOST_GB = 30;

/** Prints `retrofit:docker` for the services of a compose file. Reads the file and nothing else. */
export async function dockerImport(context: Context, file: string): Promise<void> {
  const { containers, notes } = importCompose(readInput(context, file), file);
  const named = Object.fromEntries(containers.map((one) => [one.name, argsOf(one)]));
  const disk = containers.some(({ volumes = [] }) => volumes.some(({ type }) => type === "disk"));
  const instanceType = smallestFor(need(Object.keys(named), named)) ?? "FILL-IN";
  const docker = { instanceType, ...(disk && { diskSizeGb: 20 }), containers };
  const args = {
    instanceType,
    ...(disk && { diskSizeGb: 20 }),
    containers: named,
  } as unknown as DockerHostArgs;
  const open = checkDockerHost("docker", args).list.map(
    ({ property, got, allowed, fix }) =>
      `${property}: got ${JSON.stringify(got)}; allowed: ${allowed}. ${fix}`,
  );
  const { output } = context;
  output.line(stringify({ "retrofit:docker": docker }, { lineWidth: 0 }).trimEnd());
  output.line();
  for (const note of notes) output.warn(note);
  for (const one of open) output.warn(`refused until it is changed: ${one}`);
  output.result({ file, docker, notes, refused: open });
}

function argsOf({ name: _, archive: __, image = "", ...rest }: ContainerConfig): ContainerArgs {
  return { image, ...rest };
}

export interface DockerPlanOptions {
  hosts: 1 | 2;
  environment?: string;
}

/** Proposes containers and hosts in place of the machines of a list, with what that saves. */
export async function dockerPlan(context: Context, file: string, options: DockerPlanOptions): Promise<void> {
  const machines = readMachineList(readInput(context, file), file);
  const plan = planHosts(machines, options.hosts);
  const { output } = context;
  if (plan.instanceType === undefined) {
    throw wrongUse(
      `${machines.length} machines need ${plan.needed.memoryMb} MiB and ${plan.needed.cpus} cores on one host: more than the largest type that is proposed has.`,
      "Divide the list among several environments, or run the containers on ECS (engine: ecs).",
    );
  }
  const saving = await savingOf(context, plan, plan.instanceType, options.environment);
  output.heading(`${plan.hosts} × ${plan.instanceType} for ${machines.length} machines`);
  for (const { name, memoryMb, cpus } of plan.containers) {
    output.line(
      `  ${name.padEnd(24)} ${String(memoryMb).padStart(7)} MiB  ${String(cpus).padStart(6)} cores`,
    );
  }
  const { needed, available } = plan;
  output.line(
    `  needed on each host, an update included: ${needed.memoryMb} of ${available?.memoryMb} MiB, ${round(needed.cpus)} of ${available?.cpus} cores`,
  );
  output.line(`  ${saving}`);
  output.result({ file, ...plan, saving });
}

async function savingOf(
  context: Context,
  { containers, hosts }: Plan,
  instanceType: string,
  environment: string | undefined,
): Promise<string> {
  if (environment === undefined)
    return "saving: name an environment (--environment), whose region and prices count.";
  const config: EnvironmentConfig = loadEnvironment(openProject(context.cwd, environment), environment);
  // As many machines as today: one for each, however many hosts run its container.
  const counted = containers.map(({ name, ...size }) => ({ name, size, copies: 1 }));
  const items = machinesItems(instanceType, hosts, HOST_GB);
  const keys = [...items, ...separateMachines(counted).items].map(({ key }) => key);
  const currency = config.budget?.currency ?? config.prices?.currency ?? "USD";
  const found = await findPrices(config.region, keys, {
    currency,
    ...(config.prices && { own: config.prices }),
  });
  return savingText(consolidation(items, counted, found), currency);
}

function readInput({ cwd }: Context, file: string): string {
  const path = resolve(cwd, file);
  if (!existsSync(path)) throw wrongUse(`There is no file ${path}.`);
  return readFileSync(path, "utf8");
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
