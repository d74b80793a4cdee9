import {
  readFleet,
  readServing,
  shares,
  type TrafficClients,
  trafficClients,
} from "../components/web-tier/traffic";
import type { DatabaseChange } from "../stacks/config";
import { readOutputs } from "./engine/engine";
import { failed } from "./errors";
import type { Project } from "./project";

/** The machines of one release, as the stack's outputs name them. */
export interface FleetOutput {
  targetGroupArn: string;
  autoScalingGroup: string;
  launchTemplate?: string;
  label?: string;
}

/** How the command line gets at the history of the database. */
export interface DatabaseGateOutput {
  autoScalingGroup: string;
  database: { host: string; port: number; name: string; secretArn: string };
}

/** By what CloudWatch keeps the metrics of the stores. */
export interface StoreOutputs {
  database?: { instance?: string; cluster?: string };
  sessions?: { nodes?: string[] };
}

/** A system of the business that the environment is joined to. */
export interface LinkOutput {
  kind: string;
  host: string;
  port: number;
}

/** What the program hands to the command line. */
export interface EnvironmentOutputs extends StoreOutputs {
  url: string;
  testUrl?: string;
  live?: string;
  /** What the live release is made of, as the last update put it there. */
  liveArtifact?: { sha256: string; database?: DatabaseChange };
  standby?: string;
  artifactBucket?: string;
  listenerArn: string;
  /** `inPlace` where one fleet serves for all releases. */
  deployment?: string;
  /** Names of the environment's own alarms. */
  alarms?: string[];
  /** By version. */
  fleets: Record<string, FleetOutput>;
  /** By name. */
  links?: Record<string, LinkOutput>;
  /** Names of the Auto Scaling groups of Docker hosts. */
  dockerGroups?: string[];
  /** Where the database is, and the group of the machine that migrations run on. */
  databaseGate?: DatabaseGateOutput;
}

/** An environment that is up, with AWS clients for it. */
export interface RunningEnvironment {
  name: string;
  outputs: EnvironmentOutputs;
  clients: TrafficClients;
}

/** Who serves and who could, read from AWS itself. */
export interface ServingState {
  /** Percent of the traffic by version. */
  weights: Record<string, number>;
  /** Healthy machines by version. */
  healthy: Record<string, number>;
  /** Machines that each fleet should have, by version. */
  desired: Record<string, number>;
}

/** Checks the shape of the stack's outputs; undefined when the environment is not up. */
export function parseOutputs(record: Record<string, unknown> | undefined): EnvironmentOutputs | undefined {
  if (!record || typeof record.listenerArn !== "string") return undefined;
  return {
    url: String(record.url ?? ""),
    listenerArn: record.listenerArn,
    fleets: (record.fleets ?? {}) as Record<string, FleetOutput>,
    alarms: Array.isArray(record.alarms) ? record.alarms.map(String) : [],
    ...optional("deployment", record.deployment),
    ...optional("testUrl", record.testUrl),
    ...optional("live", versionOf(record.live)),
    ...artifactOf(record.live),
    ...optional("standby", versionOf(record.standby)),
    ...optional("artifactBucket", record.artifactBucket),
    ...(record.database ? { database: record.database as StoreOutputs["database"] } : {}),
    ...(record.sessions ? { sessions: record.sessions as StoreOutputs["sessions"] } : {}),
    ...(record.links ? { links: record.links as Record<string, LinkOutput> } : {}),
    ...groupsOfDocker(record.docker),
    ...(record.databaseGate ? { databaseGate: record.databaseGate as DatabaseGateOutput } : {}),
  };
}

function groupsOfDocker(docker: unknown): { dockerGroups?: string[] } {
  const { autoScalingGroups } = (docker ?? {}) as { autoScalingGroups?: string[] };
  return autoScalingGroups ? { dockerGroups: autoScalingGroups } : {};
}

function optional<K extends string>(key: K, value: unknown): { [P in K]?: string } {
  return (typeof value === "string" && value !== "" ? { [key]: value } : {}) as { [P in K]?: string };
}

/** A release is put out as its version, or as an object that has one. */
function versionOf(value: unknown): unknown {
  return typeof value === "object" && value !== null ? (value as { version?: unknown }).version : value;
}

function artifactOf(live: unknown): Pick<EnvironmentOutputs, "liveArtifact"> {
  const { sha256, database } = (live ?? {}) as { sha256?: string; database?: DatabaseChange };
  return sha256 === undefined ? {} : { liveArtifact: { sha256, ...(database && { database }) } };
}

/** The region is in every ARN, so that a region set elsewhere cannot lead to the wrong account's corner. */
function regionOf(arn: string): string | undefined {
  return arn.split(":")[3] || undefined;
}

export async function openEnvironment(project: Project, name: string): Promise<RunningEnvironment> {
  const running = await findEnvironment(project, name);
  if (running) return running;
  throw failed(`The environment ${name} is not up.`, `Bring it up first: retrofit up ${name}`);
}

/** Like {@link openEnvironment}, but undefined where it is not up. */
export async function findEnvironment(
  project: Project,
  name: string,
): Promise<RunningEnvironment | undefined> {
  const outputs = parseOutputs(await readOutputs(project, name));
  return outputs && { name, outputs, clients: await trafficClients(regionOf(outputs.listenerArn)) };
}

export async function readServingState(environment: RunningEnvironment): Promise<ServingState> {
  const { clients, outputs } = environment;
  const versions = Object.keys(outputs.fleets);
  const [serving, ...fleets] = await Promise.all([
    readServing(clients, outputs.listenerArn),
    ...versions.map((version) => readFleet(clients, outputs.fleets[version]?.targetGroupArn ?? "")),
  ]);
  const share = shares(serving.weights);
  const state: ServingState = { weights: {}, healthy: {}, desired: {} };
  versions.forEach((version, index) => {
    state.weights[version] = Math.round(share[outputs.fleets[version]?.targetGroupArn ?? ""] ?? 0);
    state.healthy[version] = fleets[index]?.healthy.length ?? 0;
    state.desired[version] = fleets[index]?.desired ?? 0;
  });
  return state;
}

/** The version that gets all the traffic, or undefined while it is divided. */
export function soleServer(state: ServingState): string | undefined {
  return Object.entries(state.weights).find(([, weight]) => weight === 100)?.[0];
}
