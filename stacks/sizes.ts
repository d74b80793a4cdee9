/**
 * What an environment is when its file does not say: one table per size class.
 *
 * `small` is for environments that are thrown away and rebuilt, and costs as little as the same shape allows.
 * `full` is for those that carry users or stand in for one that does.
 */
import type {
  AllowedSizes,
  ApplicationConfig,
  ArtifactsConfig,
  DatabaseConfig,
  DeploymentMode,
  KeepConfig,
  LogsConfig,
  MachinesConfig,
  NetworkConfig,
  SessionsConfig,
  ShiftConfig,
  SizeClass,
  WebConfig,
} from "./config/types";

export interface SizeDefaults {
  protected: boolean;
  application: Omit<ApplicationConfig, "name" | "command">;
  network: NetworkConfig;
  web: Omit<WebConfig, "testers" | "certificateArn">;
  shift: ShiftConfig;
  machines: MachinesConfig;
  /** Of an environment whose file has the key; without it there is no database. */
  database: DatabaseConfig;
  sessions: SessionsConfig;
  /** Of an environment whose file has the key. */
  logs: LogsConfig;
  artifacts: ArtifactsConfig;
  deployment: DeploymentMode;
  keep: KeepConfig;
  /** What the policy pack lets an environment of this size have; its file may add to it. */
  allowed: AllowedSizes;
}

/** Where the size makes no difference. */
const APPLICATION: SizeDefaults["application"] = {
  port: 8080,
  packages: [],
  environment: {},
  healthPath: "/healthz",
  smoke: [{ path: "/", status: 200 }],
};

const NETWORK = { cidr: "10.0.0.0/16", interfaceEndpoints: [], ipv6: false };

const WEB = { schedules: [], clients: ["0.0.0.0/0"], testPort: 8443 };

const SHIFT = { steps: [10, 50, 100], healthyPolls: 3, maxErrorPercent: 1, minRequests: 20, alarms: [] };

/** Every environment is configured alike: what differs between them is in the data of the configuration. */
const MACHINES: MachinesConfig = { tool: "puppet", settings: {} };

const DATABASE = { name: "app", engineVersion: "16", replicas: 0, proxy: false, parameters: {} };

const SESSIONS = { engineVersion: "8.0", tokenGeneration: 1 };

const LOGS = {
  viewers: [],
  format: "plain",
  sources: [],
  bufferMb: 512,
  whenFull: "block",
  gate: true,
  alarmTopics: [],
} satisfies Partial<LogsConfig>;

/** A hot standby costs as much as the serving fleet and takes over in seconds: going back is what nobody can wait for. */
const KEEP = { standby: "hot", machines: 1 } as const;

/** Docker hosts and log stores are machines for many things, so they are larger than a web machine of the same environment. */
const SMALL_ALLOWED: AllowedSizes = {
  machineTypes: ["{t3,t3a,t4g}.*", "{m,r}{6,7}*.{large,xlarge}"],
  databaseClasses: [
    "{db,cache}.{t3,t4g}.*",
    "{db,cache}.m{6,7}*.large",
    "t3.*.search",
    "{m,r}{6,7}*.{medium,large}.search",
  ],
  machines: 10,
};

const FULL_ALLOWED: AllowedSizes = {
  machineTypes: ["{t3,t3a,t4g}.*", "{c,m,r}{6,7}*.{large,xlarge,2xlarge,4xlarge}"],
  databaseClasses: [
    "{db,cache}.{t3,t4g}.*",
    "{db,cache}.{m,r}{6,7}*.{large,xlarge,2xlarge,4xlarge}",
    "t3.*.search",
    "{c,m,r}{6,7}*.{medium,large,xlarge,2xlarge}.search",
  ],
  machines: 50,
};

export const SIZES: Record<SizeClass, SizeDefaults> = {
  small: {
    protected: false,
    application: APPLICATION,
    network: { ...NETWORK, zones: 2, nat: "single", flowLogs: { enabled: true, retentionDays: 7 } },
    web: {
      ...WEB,
      instanceType: "t3.small",
      min: 1,
      max: 2,
      scaling: { cpuPercent: 60 },
      healthCheck: { intervalSeconds: 5, timeoutSeconds: 2, healthyThreshold: 2, unhealthyThreshold: 2 },
      deregistrationDelaySeconds: 10,
      volumeSizeGb: 8,
    },
    shift: { ...SHIFT, waitSeconds: 10, pollSeconds: 3, healthTimeoutSeconds: 300 },
    machines: MACHINES,
    database: {
      ...DATABASE,
      instanceClass: "db.t4g.micro",
      storageGb: 20,
      maxStorageGb: 100,
      multiAz: false,
      backupDays: 1,
    },
    sessions: { ...SESSIONS, nodeType: "cache.t4g.micro", multiAz: false, snapshotDays: 0 },
    logs: { ...LOGS, dailyGb: 0.5, retentionDays: 7, instanceType: "t3.small.search", nodes: 1 },
    artifacts: { objectLockDays: 0 },
    deployment: "blueGreen",
    keep: { ...KEEP, bakeSeconds: 0 },
    allowed: SMALL_ALLOWED,
  },
  full: {
    protected: true,
    application: APPLICATION,
    network: { ...NETWORK, zones: 3, nat: "perZone", flowLogs: { enabled: true, retentionDays: 90 } },
    web: {
      ...WEB,
      instanceType: "m6i.large",
      min: 3,
      max: 12,
      scaling: { cpuPercent: 50 },
      healthCheck: { intervalSeconds: 10, timeoutSeconds: 5, healthyThreshold: 3, unhealthyThreshold: 2 },
      deregistrationDelaySeconds: 60,
      volumeSizeGb: 20,
    },
    shift: { ...SHIFT, waitSeconds: 120, pollSeconds: 10, healthTimeoutSeconds: 900 },
    machines: MACHINES,
    database: {
      ...DATABASE,
      instanceClass: "db.m7g.large",
      storageGb: 100,
      maxStorageGb: 500,
      multiAz: true,
      backupDays: 14,
    },
    sessions: { ...SESSIONS, nodeType: "cache.m7g.large", multiAz: true, snapshotDays: 1 },
    logs: { ...LOGS, dailyGb: 10, retentionDays: 30, instanceType: "r7g.large.search", nodes: 3 },
    // Longer than a mistake, or somebody else's access, goes unnoticed.
    artifacts: { objectLockDays: 30 },
    deployment: "blueGreen",
    keep: { ...KEEP, bakeSeconds: 300 },
    allowed: FULL_ALLOWED,
  },
};
