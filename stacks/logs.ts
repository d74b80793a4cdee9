/** Central logs of an environment: the store, what machines ship to it, and what it is to hold. */
import * as pulumi from "@pulumi/pulumi";
import type { ArtifactStore } from "../components/artifact-store";
import {
  applicationsOf,
  ElkStack,
  type ElkStackArgs,
  importSavedObjects,
  LOG_STORE_ROLE,
  type LogContent,
  type StorePrograms,
  setUpStore,
} from "../components/elk-stack";
import type { MachineConfiguration } from "../components/machine";
import type { Network, NetworkLike } from "../components/network";
import type { EnvironmentConfig, LogsConfig } from "./config/types";
import { type LogPlace, logSources, otherApplications } from "./log-shipping";
import { openStore, type StorePlace, writerOf } from "./log-store";
import { shippedConfiguration } from "./machines";
import { ownTags } from "./tags";

const SNAPSHOTS = "log-snapshots/";
/** Days that a snapshot of the store is kept. */
const SNAPSHOT_DAYS = 14;

export interface Logs extends LogPlace {
  /** The environment's own store, if it has one. */
  readonly stack?: ElkStack;
}

export interface LogSurroundings {
  readonly network: NetworkLike & Pick<Network, "flowLogGroupName">;
  readonly artifacts: ArtifactStore;
  /** The environment's own, where it is one of Puppet's. */
  readonly configuration: MachineConfiguration | undefined;
}

/** Makes the store that the configuration asks for, or finds the one that it names; nothing when it does not. */
export function makeLogs(
  config: EnvironmentConfig,
  around: LogSurroundings,
  opts: pulumi.ComponentResourceOptions,
): Logs | undefined {
  const { logs } = config;
  if (!logs) return undefined;
  if (logs.store) {
    const { endpoint, secret: secretArn, writerSecret: writerSecretArn, ca } = logs.store;
    const place = { endpoint, secretArn, ...(writerSecretArn && { writerSecretArn }), ...(ca && { ca }) };
    return { ...place, endpoint: setUp(config, place), ca, config: logs };
  }
  const { artifacts } = around;
  const stack = new ElkStack("logs", storeArgs(config, logs, around, opts), opts);
  const place = pulumi.output({
    endpoint: stack.endpoint,
    secretArn: stack.secretArn,
    writerSecretArn: stack.writerSecretArn,
    ca: stack.trustedCertificate,
  });
  const endpoint = pulumi
    .all([place, artifacts.bucketName, stack.snapshotRoleArn ?? "", stack.dashboardsUrl ?? ""])
    .apply(([{ ca, ...at }, bucket, roleArn, dashboardsUrl]) =>
      setUp(config, { ...at, ...(ca && { ca }) }, { bucket, roleArn, dashboardsUrl }),
    );
  const { secretArn, writerSecretArn, trustedCertificate: ca } = stack;
  return { endpoint, secretArn, writerSecretArn, ca, stack, config: logs };
}

function storeArgs(
  config: EnvironmentConfig,
  logs: LogsConfig,
  { network, artifacts, configuration }: LogSurroundings,
  opts: pulumi.ComponentResourceOptions,
): ElkStackArgs {
  const { dailyGb, retentionDays, instanceType, nodes, storageGb, viewers, alarmTopics, selfHosted } = logs;
  const common = {
    network,
    dailyGb,
    retentionDays,
    nodes,
    ...(storageGb === undefined ? {} : { storageGb }),
    viewers,
    alarmTopicArns: alarmTopics,
    snapshots: { bucket: artifacts.bucketName, prefix: SNAPSHOTS },
    protected: config.protected,
    tags: ownTags(config),
    ...carriedIn(config, logs, network.flowLogGroupName, artifacts),
  };
  if (!selfHosted) return { ...common, instanceType };
  const { instanceType: machineType, replaceNodes, syslog } = selfHosted;
  return {
    store: "selfHosted",
    ...common,
    configuration:
      configuration ?? shippedConfiguration("log-store-machines", LOG_STORE_ROLE, config, artifacts, opts),
    programs: programsOf(selfHosted),
    ...(machineType && { instanceType: machineType }),
    ...(replaceNodes && { replaceNodes }),
    ...(syslog && { syslog }),
  };
}

function carriedIn(
  { environment }: EnvironmentConfig,
  { carryIn }: LogsConfig,
  flowLogGroup: pulumi.Output<string> | undefined,
  artifacts: ArtifactStore,
): Pick<ElkStackArgs, "carryIn"> {
  if (!carryIn) return {};
  const logGroups = {
    ...carryIn.logGroups,
    ...(carryIn.flowLogs && flowLogGroup && { "flow-logs": flowLogGroup }),
  };
  return { carryIn: { environment, artifacts, logGroups } };
}

/** Where the programs of a store of one's own come from. */
export function programsOf(selfHosted: NonNullable<LogsConfig["selfHosted"]>): StorePrograms {
  const { opensearch, plugins, dashboards, logstash } = selfHosted;
  return {
    opensearch,
    ...(plugins && { plugins }),
    ...(dashboards && { dashboards }),
    ...(logstash && { logstash }),
  };
}

/**
 * Brings the store to what it has to be before any machine knows of it: a line that comes first would make an index where
 * a stream belongs. Where the store cannot be reached from here the update goes on, and says what is to be done.
 */
async function setUp(
  config: EnvironmentConfig,
  place: StorePlace,
  own?: { bucket: string; roleArn: string; dashboardsUrl: string },
): Promise<string> {
  if (pulumi.runtime.isDryRun()) return place.endpoint;
  const again = `Run \`retrofit logs setup ${config.environment}\``;
  try {
    const store = await openStore(place);
    const steps = await setUpStore(store, {
      ...logContent(config),
      ...(await writerOf(place)),
      ...(own && { snapshots: snapshotContent(config, own.bucket, own.roleArn) }),
    });
    if (own?.dashboardsUrl) steps.push(await importSavedObjects(store, own.dashboardsUrl));
    // What a store has no plugin for it has none for at each update.
    for (const { what, why } of steps.filter(({ done, lacks }) => done === "skipped" && !lacks))
      await pulumi.log.info(`The log store's ${what}: ${why}. ${again} when that has changed.`);
  } catch (error) {
    const reason = (error as Error).message;
    await pulumi.log.warn(
      `The log store was not set up: ${reason} ${again} from where it can be reached; machines that it does not know yet keep their lines until then.`,
    );
  }
  return place.endpoint;
}

/** Where the store's snapshots go: by a role of its own, or, without one, by that of the machines that it runs on. */
export function snapshotContent(
  { environment, region }: Pick<EnvironmentConfig, "environment" | "region">,
  bucket: string,
  roleArn: string,
): NonNullable<LogContent["snapshots"]> {
  const base = { bucket, base_path: `${SNAPSHOTS}${environment}`, region };
  const settings = { ...base, ...(roleArn && { role_arn: roleArn }) };
  return { type: "s3", keepDays: SNAPSHOT_DAYS, settings };
}

/** What `retrofit logs setup` brings to the store. */
export function logContent(config: EnvironmentConfig): Omit<LogContent, "snapshots"> {
  const { environment, logs } = config;
  const applications = [...logSources(config).flatMap(applicationsOf), ...otherApplications(config)];
  return {
    environment,
    applications: [...new Set(applications)],
    retentionDays: logs?.retentionDays ?? 1,
    replicas: (logs?.store?.nodes ?? logs?.nodes ?? 1) > 1 ? 1 : 0,
  };
}

/** What a program tells about its logs; no secrets. */
export function logOutputs(logs: Logs | undefined, artifacts: ArtifactStore) {
  if (!logs) return {};
  const { endpoint, secretArn, writerSecretArn, ca, stack } = logs;
  return {
    logs: {
      endpoint,
      secretArn,
      ...(writerSecretArn && { writerSecretArn }),
      ...(ca && { ca }),
      ...(stack && {
        ...(stack.dashboardsUrl && { dashboardsUrl: stack.dashboardsUrl }),
        securityGroupId: stack.securityGroupId,
        snapshots: { bucket: artifacts.bucketName, roleArn: stack.snapshotRoleArn ?? "" },
      }),
    },
  };
}
