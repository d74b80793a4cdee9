/** What the parts of an environment are billed for by the hour or by size. Traffic, requests and logs are not in it. */
import type { EnvironmentConfig } from "../config/types";
import { times } from "./estimate";
import { fixedItems, hostItems, type Item, machineItems } from "./items";

export interface CostComponent {
  readonly component: string;
  readonly items: readonly Item[];
}

/** @param machines Number of machines in the fleet: `web.min` of them, say. */
export function costComponents(config: EnvironmentConfig, machines: number): CostComponent[] {
  const { docker: _, ...withoutHosts } = config;
  return [
    { component: "machines", items: times(machineItems(config), machines) },
    { component: "docker hosts", items: hostItems(config.docker) },
    { component: "network", items: fixedItems(withoutHosts) },
    { component: "database", items: databaseItems(config) },
    { component: "sessions", items: sessionItems(config) },
    { component: "vpn", items: vpnItems(config) },
  ].filter(({ items }) => items.length > 0);
}

function databaseItems({ database }: EnvironmentConfig): Item[] {
  // Limitless is billed by the capacity that it takes from minute to minute.
  if (database === undefined || database.sharding !== undefined) return [];
  const { instanceClass, storageGb, multiAz, replicas } = database;
  const copies = (multiAz ? 2 : 1) + replicas;
  return [
    { key: instanceClass, name: instanceClass, count: copies, per: "hour" },
    { key: "databaseGbMonth", name: "GB of the database's disk", count: storageGb * copies, per: "month" },
  ];
}

function sessionItems({ sessions }: EnvironmentConfig): Item[] {
  if (sessions === undefined) return [];
  const { nodeType, multiAz } = sessions;
  return [{ key: nodeType, name: nodeType, count: multiAz ? 2 : 1, per: "hour" }];
}

function vpnItems({ vpn }: EnvironmentConfig): Item[] {
  const count = vpn?.peers.length ?? 0;
  return count === 0 ? [] : [{ key: "vpnConnection", name: "VPN connection", count, per: "hour" }];
}
