import type { GroupArgs } from "@pulumi/aws/autoscaling/group";
import type { LaunchTemplateArgs } from "@pulumi/aws/ec2/launchTemplate";
import type { ListenerArgs } from "@pulumi/aws/lb/listener";
import type { LoadBalancerArgs } from "@pulumi/aws/lb/loadBalancer";
import type { TargetGroupArgs } from "@pulumi/aws/lb/targetGroup";
import type * as pulumi from "@pulumi/pulumi";
import type { MachineDocument } from "../machine";
import type { NetworkLike } from "../network";
import type { Transform } from "../shared/transform";
import type { ReleaseGate } from "./release-gate";
import type { SmokeCheck } from "./traffic/smoke";

/** A release as the tier needs it: which image, and what a machine does at first boot. */
export interface WebRelease {
  /** Version, e.g. `1.5.0`. It is part of the fleet's name, so each version has a fleet of its own. */
  readonly version: string;
  /** Plain user data (the component encodes it). Any change of it makes a new fleet. */
  readonly userData: pulumi.Input<string>;
  /** AMI that the machines start from. Default: the newest Debian 12 image at the time the fleet is made; kept from then on. */
  readonly imageId?: pulumi.Input<string>;
  /** What a machine is told to be (`machine.json` of its first boot). Needed with `deployment: "inPlace"`, which writes it. */
  readonly document?: pulumi.Input<MachineDocument>;
  /** Label for people, in tags and outputs. Default: worked out from the version. Nothing is decided by it. */
  readonly label?: FleetLabel;
}

export type FleetLabel = "blue" | "green";

export interface HealthCheckArgs {
  /** Path that a machine answers when it can serve. */
  readonly path: string;
  /** HTTP status codes that count as healthy, e.g. `200` or `200-299`. Default `200`. */
  readonly matcher?: string;
  /** Seconds between checks, 5–300. Default 10. */
  readonly intervalSeconds?: number;
  /** Seconds until a check counts as failed, 2–120, below the interval. Default 5. */
  readonly timeoutSeconds?: number;
  /** Passed checks after which a sick machine is healthy again, 2–10. Default 2. */
  readonly healthyThreshold?: number;
  /** Failed checks after which a machine gets no more requests, 2–10. Default 2. */
  readonly unhealthyThreshold?: number;
}

/** A number that the application tells CloudWatch, and that goes down when machines are added. */
export interface ScalingMetricArgs {
  /** Such as `Shop`. */
  readonly namespace: string;
  /** Such as `JobsWaitingPerMachine`. */
  readonly name: string;
  /** Default: none. A number with other dimensions is another number. */
  readonly dimensions?: Readonly<Record<string, string>>;
  /** `Average`, `Sum`, `Minimum`, `Maximum`, `SampleCount` or a percentile such as `p90`, of each minute. Default `Average`. */
  readonly statistic?: string;
  /** Above it a machine is added. */
  readonly target: number;
}

/** Bounds by the clock, from a point in time on until the next schedule's. Within them the demand decides. */
export interface ScheduleArgs {
  readonly name: string;
  /** Five fields: minute, hour, day of the month, month, day of the week. */
  readonly cron: string;
  /** IANA name. Default `UTC`. */
  readonly timeZone?: string;
  readonly min: number;
  readonly max: number;
  readonly desired?: number;
}

export interface CapacityArgs {
  /** Fewest machines of the live fleet. */
  readonly min: number;
  /** Most machines of the live fleet; the bill is bounded by it. A swap runs two fleets for a while. */
  readonly max: number;
  /** Average CPU in percent above which a machine is added. Default: CPU is not looked at. */
  readonly cpuPercent?: number;
  /** Requests per machine and minute above which a machine is added. Default: requests are not looked at. */
  readonly requestsPerTarget?: number;
  /** A number of the application's above which a machine is added. Default: none. */
  readonly metric?: ScalingMetricArgs;
  /**
   * Seconds of rest after a machine was added (`out`) or taken away (`in`). Long enough for a new machine to boot and to be
   * seen in the numbers, or more are added than needed. Default `{ out: 180, in: 300 }`.
   */
  readonly cooldownSeconds?: { readonly out?: number; readonly in?: number };
  /**
   * A machine is taken away when, for ten minutes, the others could carry what it does and stay below this percent of every target.
   * Default 75.
   */
  readonly idlePercent?: number;
  /**
   * Bounds by the clock; they move with the traffic to the next fleet, which gets those in force at that moment.
   * Default: none.
   */
  readonly schedules?: readonly ScheduleArgs[];
}

/**
 * `blueGreen`: fresh machines for each release beside those that serve, and the traffic moves over. `inPlace`: one fleet
 * for all releases, whose running machines get the next release one at a time.
 */
export type Deployment = "blueGreen" | "inPlace";

/** How the traffic moves to a new fleet. All have defaults. */
export interface ShiftArgs {
  /** Percent of the traffic on the new fleet, ascending, ending with 100; `[100]` is all at once. Default `[10, 50, 100]`. */
  readonly steps?: readonly number[];
  /** Seconds that each step but the last is watched. Default 60, since CloudWatch counts by the minute. */
  readonly waitSeconds?: number;
  /** Polls in a row in which the new fleet must be healthy. Default 3. */
  readonly healthyPolls?: number;
  /** Seconds between polls. Default 5. */
  readonly pollSeconds?: number;
  /** Seconds in which the new fleet must get healthy. Default 900. */
  readonly healthTimeoutSeconds?: number;
  /** Answers 5xx in percent that are put up with. Default 1. */
  readonly maxErrorPercent?: number;
  /** Requests on the new fleet before its errors are judged. Default 20. */
  readonly minRequests?: number;
  /** Answer time (99th percentile) in seconds that is put up with. Default: not judged. */
  readonly maxLatencySeconds?: number;
  /** Names of CloudWatch alarms that stop a shift when they fire. Default: none. */
  readonly alarms?: readonly string[];
  /** Asked while a step is held; a sentence turns the release away, such as what its log lines say of it. Default: nothing. */
  readonly watch?: (sinceSeconds: number) => Promise<string | undefined>;
}

export interface AutoscalingWebTierArgs {
  /** Where the tier lives: load balancer in the public subnets, machines in the app subnets. */
  readonly network: NetworkLike;
  /** The release that takes the traffic. Without one the load balancer answers 503. */
  readonly live?: WebRelease;
  /** The release kept ready for rollback. Drop it to retire its machines. */
  readonly standby?: WebRelease;
  /**
   * How a release gets onto machines. Changing it makes a fleet of the other kind and moves the traffic with all gates.
   * @default "blueGreen"
   */
  readonly deployment?: Deployment;
  /**
   * Machines that stay of a fleet when it becomes the standby. A rollback first starts as many as serve by then.
   * Cost: these machines, all the time. Default: all of them, so that a rollback takes seconds.
   */
  readonly standbyMachines?: number;
  /** Port that the application listens on, on its machine. */
  readonly port: number;
  readonly healthCheck: HealthCheckArgs;
  /** What the new fleet is asked through the test listener before it gets traffic. At least one check. */
  readonly smoke: readonly SmokeCheck[];
  readonly capacity: CapacityArgs;
  /** EC2 instance type, e.g. `t3.small`. Cost: the machine's price per hour, per machine. */
  readonly instanceType: string;
  /** Size of the encrypted root volume in GiB. Default 10. */
  readonly volumeSizeGb?: number;
  /** Instance profile of the machines (see `MachineRole`). */
  readonly instanceProfileArn: pulumi.Input<string>;
  /** Security groups of the machines besides the tier's own. Default: none. */
  readonly securityGroupIds?: readonly pulumi.Input<string>[];
  /** ACM certificate. With it 443 serves and 80 redirects to it; without it 80 serves plain HTTP. */
  readonly certificateArn?: pulumi.Input<string>;
  /** Host name that the certificate covers, used by the smoke test. */
  readonly hostname?: string;
  /** Networks that may reach 80 and 443. Default: everybody. */
  readonly clients?: readonly string[];
  /** Networks that may reach the test listener: where updates run from. Never everybody. */
  readonly testers: readonly string[];
  /** Port of the test listener. Default 8443. */
  readonly testPort?: number;
  /** Seconds that a machine gets to finish its requests when it leaves. Default 30. */
  readonly deregistrationDelaySeconds?: number;
  readonly shift?: ShiftArgs;
  /** A gate of the live release beside the tier's own, such as the one of its database. Default: none. */
  readonly releaseGate?: ReleaseGate;
  /**
   * Prod-like: the load balancer is protected from deletion and writes access logs to a bucket that is kept.
   * @default false
   */
  readonly protected?: boolean;
  /** SNS topics that the tier's alarms notify. Default: none; the alarms exist all the same. */
  readonly alarmTopicArns?: readonly pulumi.Input<string>[];
  readonly tags?: Record<string, string>;
  /** Adjusts single children: properties to set, or a function that changes arguments and options in place. */
  readonly transform?: {
    readonly loadBalancer?: Transform<LoadBalancerArgs>;
    readonly listener?: Transform<ListenerArgs>;
    readonly testListener?: Transform<ListenerArgs>;
    readonly launchTemplate?: Transform<LaunchTemplateArgs>;
    readonly targetGroup?: Transform<TargetGroupArgs>;
    readonly group?: Transform<GroupArgs>;
  };
}
