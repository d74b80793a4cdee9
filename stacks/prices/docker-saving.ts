import { place } from "../../components/docker-host/placement";
import type { EnvironmentConfig } from "../config/types";
import { dockerHostArgs, SOME_ARCHIVE } from "../docker-args";
import { type Counted, consolidation, savingText, separateMachines } from "./consolidation";
import { findPrices, type PriceOptions } from "./find-prices";
import { hostItems } from "./items";

/** What the Docker hosts of an environment save, in one sentence; undefined where it has none. */
export async function dockerSaving(
  config: EnvironmentConfig,
  options: Omit<PriceOptions, "own" | "currency"> = {},
): Promise<string | undefined> {
  const { docker, region, prices, budget } = config;
  if (docker === undefined || docker.engine === "ecs") return undefined;
  const containers = countedContainers(config);
  const hosts = hostItems(docker);
  const keys = [...hosts, ...separateMachines(containers).items].map(({ key }) => key);
  const currency = budget?.currency ?? prices?.currency ?? "USD";
  const found = await findPrices(region, keys, { ...options, currency, ...(prices && { own: prices }) });
  return `docker: ${savingText(consolidation(hosts, containers, found), currency)}`;
}

function countedContainers(config: EnvironmentConfig): Counted[] {
  const { docker } = config;
  if (docker === undefined) return [];
  const names = docker.containers.map(({ name }) => name);
  const archives = Object.fromEntries(names.map((name) => [name, SOME_ARCHIVE]));
  const { containers } = dockerHostArgs(config, docker, archives);
  const placed = place(containers, docker.hosts ?? 1).flat();
  return names.map((name) => ({
    name,
    size: { cpus: containers[name]!.cpus, memoryMb: containers[name]!.memoryMb },
    copies: placed.filter((one) => one === name).length,
  }));
}
