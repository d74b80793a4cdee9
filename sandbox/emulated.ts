/** What the emulator tells about the resources that need something real behind them: `GET /_retrofit/state`. */
export interface EmulatedState {
  revision: number;
  loadBalancers: EmulatedLoadBalancer[];
  listeners: EmulatedListener[];
  targetGroups: EmulatedTargetGroup[];
  instances: EmulatedInstance[];
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
