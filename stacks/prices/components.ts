/** What the parts of an environment are billed for by the hour or by size, and what of it nobody can say before. */
import { REPOSITORY_ROOT_GB, REPOSITORY_TYPE } from "../../components/artifact-store/args";
import { LOG_STORE_ROOT_GB, LOG_STORE_TYPE, MASTER_TYPE, MASTERS } from "../../components/elk-stack/args";
import { diskPerNode } from "../../components/elk-stack/sizing";
import type { EnvironmentConfig } from "../config/types";
import { times } from "./estimate";
import { fixedItems, hostItems, type Item, machineItems, machinesItems } from "./items";

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
    { component: "migrations", items: migrationItems(config) },
    { component: "sessions", items: sessionItems(config) },
    { component: "log store", items: logStoreItems(config) },
    { component: "repositories", items: repositoryItems(config) },
    { component: "vpn", items: vpnItems(config) },
  ].filter(({ items }) => items.length > 0);
}

/** What an environment is billed for as well, by what it does and what is kept in it: in no sum, so it is told by name. */
export function notEstimated({ database, docker, files }: EnvironmentConfig): string[] {
  const stored = files.filter(({ mode }) => mode !== "repository").map(({ name }) => name);
  return [
    "traffic",
    "requests",
    "logs in CloudWatch",
    `what is stored in ${["the artifact store", ...stored, ...shares(files)].join(", ")}`,
    ...(database?.sharding ? ["the capacity that the sharded database takes"] : []),
    ...(database?.proxy ? ["the database's proxy"] : []),
    ...(docker?.engine === "ecs" ? ["the containers on ECS"] : []),
  ];
}

/** Of repositories: their files are on one. */
const shares = (files: EnvironmentConfig["files"]): string[] =>
  files.filter(({ mode }) => mode === "repository").map(({ name }) => `the share of ${name}`);

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

/** The machine that migrations run on; Limitless has one as well. */
function migrationItems({ database, migrations }: EnvironmentConfig): Item[] {
  return database === undefined ? [] : machinesItems(migrations?.instanceType ?? "t3.nano", 1, 8);
}

function sessionItems({ sessions }: EnvironmentConfig): Item[] {
  if (sessions === undefined) return [];
  const { nodeType, multiAz } = sessions;
  return [{ key: nodeType, name: nodeType, count: multiAz ? 2 : 1, per: "hour" }];
}

/** Of a store of the environment's own; another environment's is on that one's bill. */
function logStoreItems({ logs, protected: kept }: EnvironmentConfig): Item[] {
  if (logs === undefined || logs.store) return [];
  const { nodes, instanceType, selfHosted } = logs;
  const diskGb = logs.storageGb ?? diskPerNode(logs, nodes);
  if (selfHosted) {
    return [
      ...machinesItems(selfHosted.instanceType ?? LOG_STORE_TYPE, nodes, LOG_STORE_ROOT_GB + diskGb),
      { key: "networkLoadBalancer", name: "network load balancer", count: 1, per: "hour" },
    ];
  }
  return [
    { key: instanceType, name: instanceType, count: nodes, per: "hour" },
    ...(kept ? [{ key: MASTER_TYPE, name: MASTER_TYPE, count: MASTERS, per: "hour" } as const] : []),
    { key: "searchGbMonth", name: "GB of the log store's disk", count: nodes * diskGb, per: "month" },
  ];
}

/** The machine of each repository and its load balancer. */
function repositoryItems({ files }: EnvironmentConfig): Item[] {
  const count = files.filter(({ mode }) => mode === "repository").length;
  if (count === 0) return [];
  return [
    ...machinesItems(REPOSITORY_TYPE, count, REPOSITORY_ROOT_GB),
    { key: "loadBalancer", name: "load balancer", count, per: "hour" },
  ];
}

function vpnItems({ vpn }: EnvironmentConfig): Item[] {
  const count = vpn?.peers.length ?? 0;
  return count === 0 ? [] : [{ key: "vpnConnection", name: "VPN connection", count, per: "hour" }];
}
