/** What an environment is billed for by the hour or by size, as far as its config decides how much of it there is. */
import { ROOT_GB } from "../../components/docker-host/args";
import type { DockerConfig, EnvironmentConfig } from "../config/types";

/** What a price is of: an instance type, or one of the things that have no types. */
export type PriceKey = string;

export interface Item {
  readonly key: PriceKey;
  /** For the sum that people read: `t3.small`, `NAT gateway`. */
  readonly name: string;
  readonly count: number;
  /** `hour`: for each of the 730 hours of a month. `month`: once, for each GB of it. */
  readonly per: "hour" | "month";
}

export const HOURS_PER_MONTH = 730;

/** One machine of the web tier with its disk. */
export function machineItems({ web }: EnvironmentConfig): Item[] {
  return machinesItems(web.instanceType, 1, web.volumeSizeGb);
}

/** The Docker hosts with their disks. */
export function hostItems(docker: DockerConfig | undefined): Item[] {
  // What a cluster costs follows its containers and is ECS's to say.
  if (docker?.instanceType === undefined || docker.engine === "ecs") return [];
  const { hosts = 1, instanceType, volumeSizeGb = ROOT_GB, diskSizeGb = 0 } = docker;
  return machinesItems(instanceType, hosts, volumeSizeGb + diskSizeGb);
}

/** Machines of a type, each with so much disk. */
export function machinesItems(type: string, count: number, diskGb: number): Item[] {
  return [
    { key: type, name: type, count, per: "hour" },
    { key: "volumeGbMonth", name: "GB of disk", count: count * diskGb, per: "month" },
  ];
}

/** What is there however many machines there are. */
export function fixedItems(config: EnvironmentConfig): Item[] {
  const { network } = config;
  const gateways = { none: 0, single: 1, perZone: network.zones }[network.nat];
  const endpoints = network.interfaceEndpoints.length * network.zones;
  const items: Item[] = [
    ...hostItems(config.docker),
    { key: "loadBalancer", name: "load balancer", count: 1, per: "hour" },
    { key: "natGateway", name: "NAT gateway", count: gateways, per: "hour" },
    { key: "interfaceEndpoint", name: "interface endpoint in a zone", count: endpoints, per: "hour" },
  ];
  return items.filter(({ count }) => count > 0);
}
