/** What the emulator tells about the resources that need something real behind them: `GET /_retrofit/state`. */
export interface EmulatedState {
  revision: number;
  loadBalancers: EmulatedLoadBalancer[];
  listeners: EmulatedListener[];
  targetGroups: EmulatedTargetGroup[];
  instances: EmulatedInstance[];
  databases?: EmulatedDatabase[];
  databaseSnapshots?: EmulatedSnapshot[];
  sessionStores?: EmulatedSessionStore[];
  logStores?: EmulatedLogStore[];
  /** Of SSM Run Command: what machines are to run, or are running. */
  commands: EmulatedCommand[];
}

export interface EmulatedLoadBalancer {
  arn: string;
  name: string;
  /** An address literal of its own, `127.80.x.y`. */
  dnsName: string;
  scheme?: string;
  type?: string;
}

export interface EmulatedListener {
  arn: string;
  loadBalancerArn: string;
  port: number;
  protocol: string;
  certificateArns: string[];
  defaultActions: Action[];
  rules: Rule[];
}

export interface Rule {
  arn: string;
  priority: number;
  conditions: Condition[];
  actions: Action[];
}

export type ConditionField =
  | "http-header"
  | "path-pattern"
  | "host-header"
  | "http-request-method"
  | "query-string"
  | "source-ip";

export interface Condition {
  field: ConditionField;
  /** The header's name, for `http-header`. */
  name?: string | null;
  values: (string | { key?: string | null; value: string })[];
}

export interface ForwardAction {
  type: "forward";
  targetGroups: { arn: string; weight: number }[];
}

export interface RedirectAction {
  type: "redirect";
  protocol?: string | null;
  port?: string | null;
  host?: string | null;
  path?: string | null;
  query?: string | null;
  statusCode: string | number;
}

export interface FixedResponseAction {
  type: "fixed-response";
  statusCode: string | number;
  contentType?: string | null;
  messageBody?: string | null;
}

export type Action = ForwardAction | RedirectAction | FixedResponseAction;

export interface HealthCheck {
  enabled: boolean;
  protocol: string;
  /** A number as text, or `traffic-port`. */
  port: string | number;
  path: string | null;
  intervalSeconds: number;
  timeoutSeconds: number;
  healthyThreshold: number;
  unhealthyThreshold: number;
  /** `200`, `200,302` or `200-299`; 200 when none is given. */
  matcher: string | null;
}

export interface EmulatedTargetGroup {
  arn: string;
  name: string;
  protocol: string;
  port: number;
  healthCheck: HealthCheck;
  deregistrationDelaySeconds: number;
  loadBalancerArns: string[];
  targets: { id: string; port: number }[];
}

export interface EmulatedInstance {
  id: string;
  state: string;
  userData: string | null;
  privateIp?: string | null;
  instanceType?: string | null;
  autoScalingGroup?: string | null;
  tags: Record<string, string>;
  launchedAt?: string;
}

/** One command on one machine that has not ended yet. */
export interface EmulatedCommand {
  id: string;
  instanceId: string;
  status: "Pending" | "InProgress" | "Cancelling";
  /** Lines of a shell script. */
  commands: string[];
  workingDirectory: string | null;
  /** Seconds that it may run. */
  timeoutSeconds: number;
}

/** How a command goes; all but `InProgress` are final. */
export type CommandResult =
  | { status: "InProgress" }
  | {
      status: "Success" | "Failed" | "TimedOut" | "Cancelled";
      exitCode: number;
      stdout: string;
      stderr: string;
    };

/** A database instance that a real PostgreSQL stands behind. */
export interface EmulatedDatabase {
  /** RDS's resource id, which stays when the identifier changes. */
  id: string;
  identifier: string;
  /** What RDS would say if its server were up: `available` or `stopped`. */
  status: string;
  engineVersion: string;
  /** An address literal of its own, `127.82.x.y`. */
  address: string;
  port: number;
  databaseName: string | null;
  masterUsername: string;
  /** As the managed secret has it, or as the program gave it; null for a replica, which has the primary's. */
  masterPassword: string | null;
  /** The `id` of its primary. */
  replicaOf: string | null;
  /** The `id` of a snapshot. */
  restoredFrom: string | null;
  /** The `id` of the instance that it was made of, for a restore to a point in time. */
  clonedFrom: string | null;
}

export interface EmulatedSnapshot {
  id: string;
  identifier: string;
  /** The `id` of the instance that it is of; the instance may be gone. */
  databaseId: string;
  /** The `id` of the snapshot that it was copied from. */
  copyOf: string | null;
}

/** A domain of OpenSearch Service that a real OpenSearch stands behind. */
export interface EmulatedLogStore {
  id: string;
  identifier: string;
  /** An address literal of its own, `127.84.x.y`. */
  address: string;
  port: number;
  user: string | null;
  password: string | null;
}

/** An ElastiCache replication group that a real server stands behind. */
export interface EmulatedSessionStore {
  id: string;
  identifier: string;
  engine: string;
  /** An address literal of its own, `127.83.x.y`. */
  address: string;
  port: number;
  tls: boolean;
  /** Passwords that are good, the newest first; none: no password is asked. */
  tokens: string[];
}

/** How a server is, by the `id` of what it stands behind. Snapshots are told here too. */
export type ServerReport = Record<
  string,
  { state: "starting" | "available" | "failed"; reason: string | null }
>;

/** A target's health as `DescribeTargetHealth` shows it. */
export interface TargetHealth {
  state: "initial" | "healthy" | "unhealthy" | "draining" | "unused";
  reason: string | null;
  description: string | null;
}

/** Target group ARN → `<target id>:<port>` → health. */
export type TargetHealthReport = Record<string, Record<string, TargetHealth>>;

/** One number for the emulated CloudWatch. */
export interface Metric {
  namespace: string;
  name: string;
  dimensions: Record<string, string>;
  value?: number;
  unit: string;
  timestamp: string;
  /** With `counts`: many values at once, as PutMetricData has it. */
  values?: number[];
  counts?: number[];
}

export const noState: EmulatedState = {
  revision: -1,
  loadBalancers: [],
  listeners: [],
  targetGroups: [],
  instances: [],
  commands: [],
};
