import type { z } from "zod";
import type { MaintenanceWindows } from "../../components/database/gate/windows";
import type { docker } from "./schema/docker";
import type { files } from "./schema/files";
import type { LogsSettings } from "./schema/logs";
import type { vpn } from "./schema/vpn";

/** What kind of database change a release brings; decides which gate it has to pass. */
export type DatabaseChange = "none" | "additive" | "breaking";

/** Decides the defaults of an environment, see `stacks/sizes.ts`. */
export type SizeClass = "small" | "full";

/** `none`: machines reach AWS through endpoints only. `single`: one gateway for all zones. `perZone`: one in each. */
export type NatMode = "none" | "single" | "perZone";

/** One release as an environment names it under `retrofit:live` or `retrofit:standby`. */
export interface ReleaseConfig {
  /** Semantic version, such as `1.4.2`. It names the fleet, so two releases never share one. */
  version: string;
  /** A folder or `.tar.gz` relative to the project, or a published `s3://bucket/key`. */
  artifact: string;
  /** SHA-256 of the published artifact, 64 hex digits. Required with `s3://`. */
  sha256?: string;
  /** Machine image; without it machines start from the newest Debian 12 image. */
  image?: string;
  database: DatabaseChange;
}

/** A request that must be answered as described before a release gets any traffic. */
export interface SmokeTest {
  path: string;
  status: number;
  /** Text that the answer's body has to contain. */
  contains?: string;
}

/** Sizes of the fleet from a point in time on, until the next schedule. */
export interface ScheduleConfig {
  name: string;
  /** Five fields: minute, hour, day of the month, month, day of the week. */
  cron: string;
  /** IANA name, such as `Europe/Berlin`. */
  timeZone: string;
  /** May be lower than `web.min`: a test environment may sleep at 0. */
  min: number;
  /** Never higher than `web.max`, which is the ceiling of the budget. */
  max: number;
  desired?: number;
}

export interface ApplicationConfig {
  name: string;
  /** Run by the machine in the folder of the unpacked artifact. */
  command: string;
  /** Where the application listens on its machine. */
  port: number;
  /** Operating system packages installed at first boot. */
  packages: string[];
  /** Plain settings; readable by whoever may read a launch template, so never secrets. */
  environment: Record<string, string>;
  healthPath: string;
  smoke: SmokeTest[];
}

export interface NetworkConfig {
  /** A private network; it cannot be changed without replacing the environment. */
  cidr: string;
  /** Availability zones, at least two because a load balancer spans two. */
  zones: number;
  nat: NatMode;
  /** Short service names, such as `secretsmanager`. Each costs by the hour in every zone. */
  interfaceEndpoints: string[];
  flowLogs: { enabled: boolean; retentionDays: number };
  ipv6: boolean;
}

export interface HealthCheckConfig {
  intervalSeconds: number;
  timeoutSeconds: number;
  /** Good answers in a row until a machine counts as healthy. */
  healthyThreshold: number;
  /** Bad answers in a row until a machine gets no more requests. */
  unhealthyThreshold: number;
  /** Default: `application.healthPath`. */
  path?: string;
}

/** One machine is added when a number is above its target, and one taken away when the others could do without it. */
export interface ScalingConfig {
  /** Average processor use in percent. */
  cpuPercent?: number;
  /** Requests per minute and machine. */
  requestsPerTarget?: number;
  /** A number of the application's own in CloudWatch. */
  metric?: {
    namespace: string;
    name: string;
    dimensions?: Record<string, string>;
    statistic: string;
    target: number;
  };
  /** Rest after a machine was added (default 180) or taken away (default 300). */
  cooldownSeconds?: { out?: number; in?: number };
  /** Default 75: the others would stay below this percent of every target for ten minutes. */
  idlePercent?: number;
}

/** What an environment may cost. */
export interface BudgetConfig {
  monthly: number;
  currency: "USD" | "CNY";
  /** Percents of `monthly` at which somebody is told. */
  alertAt: number[];
  emails: string[];
  /** ARN of an SNS topic. */
  topic?: string;
}

/** Prices for the check of the budget where the AWS Pricing API cannot be reached. */
export interface PricesConfig {
  currency: "USD" | "CNY";
  source: string;
  /** `2026-01-31` */
  date: string;
  /** By type, `natGateway`, `loadBalancer`, `networkLoadBalancer`, `interfaceEndpoint`, `vpnConnection`. */
  hourly: Record<string, number>;
  volumeGbMonth?: number;
  databaseGbMonth?: number;
  searchGbMonth?: number;
}

export interface WebConfig {
  instanceType: string;
  min: number;
  max: number;
  /** What the number of machines follows. Given in a file it replaces the default as a whole: `{}` turns scaling off. */
  scaling: ScalingConfig;
  schedules: ScheduleConfig[];
  /** Without it the environment answers plain HTTP. */
  certificateArn?: string;
  /** Networks that may reach ports 80 and 443. */
  clients: string[];
  /** Networks that may reach the test listener, where a release answers before it is live. */
  testers: string[];
  testPort: number;
  healthCheck: HealthCheckConfig;
  /** How long a machine that leaves may finish its requests. */
  deregistrationDelaySeconds: number;
  volumeSizeGb: number;
}

/** How traffic moves from one release to the next. */
export interface ShiftConfig {
  /** Percent of the traffic for the new release, ascending, the last one 100. `[100]` is all at once. */
  steps: number[];
  /** Time between two steps in which errors and latency are watched. */
  waitSeconds: number;
  /** Polls in a row in which all machines have to be healthy. */
  healthyPolls: number;
  pollSeconds: number;
  /** How long a release may take to get healthy. */
  healthTimeoutSeconds: number;
  maxErrorPercent: number;
  /** Below this many requests in a step the share of errors says nothing and is not judged. */
  minRequests: number;
  maxLatencySeconds?: number;
  /** Names of CloudWatch alarms that must not be in ALARM. */
  alarms: string[];
}

/** How machines become what their role says. */
export interface MachinesConfig {
  /** `none`: a machine fetches and runs the application, nothing else. */
  tool: "puppet" | "ansible" | "chef" | "none";
  /** Relative to the project. Default: the project's `machines` folder, or the one that comes with Retrofit. */
  folder?: string;
  /** A pipeline that bakes the web role into an image. Default false. */
  bake?: boolean;
  /** Values that come before the configuration's own, by key. Never secrets. */
  settings: Record<string, unknown>;
}

/** A PostgreSQL database of the environment, see `Database`. */
export interface DatabaseConfig {
  name: string;
  instanceClass: string;
  storageGb: number;
  maxStorageGb: number;
  engineVersion: string;
  multiAz: boolean;
  replicas: number;
  /** How far back a restore to a point in time reaches. */
  backupDays: number;
  proxy: boolean;
  /** Aurora PostgreSQL Limitless instead; instance class, disk, replicas and proxy do not count then. */
  sharding?: { minAcu?: number; maxAcu: number; standbyZones?: number };
  parameters: Record<string, string>;
  /** ARN of the key of disks and snapshots. Default: one of the database's own. */
  kmsKey?: string;
  /** Snapshot to begin from; another one replaces the database. */
  restoreFrom?: string;
}

/** A store for sessions, see `SessionStore`. */
export interface SessionsConfig {
  nodeType: string;
  multiAz: boolean;
  engineVersion: string;
  tokenGeneration: number;
  snapshotDays: number;
}

/** Docker hosts, as `retrofit:docker` describes them. */
export type DockerConfig = z.output<typeof docker>;
export type ContainerConfig = DockerConfig["containers"][number];
/** A home for files, as an item of `retrofit:files` describes it. */
export type FilesConfig = z.output<typeof files>[number];

/** Central logs, see `ElkStack`. The size of the store's disks follows from volume and retention where none is given. */
export type LogsConfig = LogsSettings &
  Required<
    Pick<
      LogsSettings,
      | "dailyGb"
      | "retentionDays"
      | "instanceType"
      | "nodes"
      | "viewers"
      | "format"
      | "sources"
      | "bufferMb"
      | "whenFull"
      | "gate"
      | "alarmTopics"
    >
  >;

/** The tunnels to the office, as `retrofit:vpn` describes them. */
export type VpnConfig = z.output<typeof vpn>;
export type VpnPeerConfig = VpnConfig["peers"][number];

/** How the migrations of releases are run on the environment's database. All have defaults. */
export interface MigrationsConfig {
  /** Folder of the migrations in an artifact. Default: `migrations`. */
  folder?: string;
  /** Version up to which a database that is older than its first migration counts as migrated. */
  baseline?: string;
  /** Table of the history, in schema `public`. Default: `flyway_schema_history`. */
  table?: string;
  /** EC2 type of the machine that migrations run on. Default: `t3.nano`. */
  instanceType?: string;
}

/**
 * `blueGreen`: fresh machines for each release beside those that serve. `inPlace`: the running machines get the release, one
 * at a time.
 */
export type DeploymentMode = "blueGreen" | "inPlace";

/** What happens to the machines of the former release. It means nothing with `inPlace`, which has no others. */
export interface KeepConfig {
  /** `hot`: all stay. `warm`: `machines` stay, and a rollback starts the others first. `none`: they go after the bake. */
  standby: "hot" | "warm" | "none";
  /** Machines of a warm standby. */
  machines: number;
  /** How long `retrofit release` watches a release that is live, ready to put the traffic back; 0 does not watch. */
  bakeSeconds: number;
}

/** How the rules of the policy pack are enforced; see `retrofit policies`. */
export interface PoliciesConfig {
  /** By name of the rule; all others as they are by default. */
  enforcement: Record<string, "mandatory" | "advisory" | "remediate" | "disabled">;
  /** Rules that are enforced less than by default, until the day. */
  relaxed: { rule: string; to: "advisory" | "disabled"; reason: string; expires: string }[];
  /** Resources that may break a rule until the day. */
  exceptions: { rule: string; resource: string; reason: string; expires: string }[];
  /** Over what the size allows: more types and classes, another number. */
  allowed?: Partial<AllowedSizes>;
  /** Whose images machines may start from, and how old they may be; without it nobody looks. */
  images?: { owners?: string[]; days?: number };
}

/** Sizes that the policy pack lets an environment have. In a name `*` stands for any text, `{a,b}` for either. */
export interface AllowedSizes {
  /** EC2 types of any machine: web, Docker hosts, log store, repository, migrations. */
  machineTypes: string[];
  /** Of databases, session stores and search nodes: `db.t4g.micro`, `cache.t4g.micro`, `t3.small.search`. */
  databaseClasses: string[];
  /** Most machines of one fleet. */
  machines: number;
}

/** A system of the business that the machines use; which keys there are depends on the kind. */
export interface LinkConfig {
  name: string;
  kind: "peering" | "privateLink" | "vpn" | "address" | "standIn";
  host?: string;
  port: number;
  cidr?: string;
  vpcId?: string;
  service?: string;
  network?: string;
}

export type EvidenceKind = "smoke" | "tests" | "performance" | "approval";

/** The environment's place on the way of a release. */
export interface PromotionConfig {
  /** Environment that releases come from; the way begins where there is none. */
  from?: string;
  /** What a release needs from here before it may go on. */
  evidence: EvidenceKind[];
}

/** When the environment has machines, as two crons. */
export interface HoursConfig {
  start: string;
  stop: string;
  timeZone: string;
}

/** Where release artifacts are kept. */
export interface ArtifactsConfig {
  /** Days in which no stored version can be changed or deleted, but by somebody who may lift the lock; 0: no lock. */
  objectLockDays: number;
}

/** An environment with every default filled in. */
export interface EnvironmentConfig {
  environment: string;
  /** From `aws:region`, so that the provider and the program cannot disagree. */
  region: string;
  size: SizeClass;
  /** Prod-like: deletion protection, access logs, no forced deletes, published artifacts only. */
  protected: boolean;
  application: ApplicationConfig;
  network: NetworkConfig;
  web: WebConfig;
  shift: ShiftConfig;
  machines: MachinesConfig;
  /** None: the environment runs no containers. */
  docker?: DockerConfig;
  /** None: the environment has no database of its own. */
  database?: DatabaseConfig;
  /** None: machines share nothing, and an application that keeps sessions needs another place for them. */
  sessions?: SessionsConfig;
  /** Without it log lines stay on the machines that wrote them. */
  logs?: LogsConfig;
  artifacts: ArtifactsConfig;
  /** Homes for files; none by default. */
  files: FilesConfig[];
  /** Without it the environment is joined to nothing. */
  vpn?: VpnConfig;
  /** When a release with `database: breaking` may stop the service. Without it never. */
  maintenance?: MaintenanceWindows;
  migrations?: MigrationsConfig;
  deployment: DeploymentMode;
  keep: KeepConfig;
  policies?: PoliciesConfig;
  budget?: BudgetConfig;
  prices?: PricesConfig;
  /** None: the application is on its own. */
  links?: LinkConfig[];
  promotion?: PromotionConfig;
  /** Settings that differ from other environments on purpose, by path, with the reason. */
  differs?: Record<string, string>;
  /** Already part of `web.schedules`. */
  hours?: HoursConfig;
  /** When a short-lived environment may be taken away. */
  expires?: string;
  /** ARN of the policy that bounds every role of the environment. */
  permissionsBoundary?: string;
  live?: ReleaseConfig;
  standby?: ReleaseConfig;
}
