import type { GroupArgs } from "@pulumi/aws/autoscaling/group";
import type { LaunchTemplateArgs } from "@pulumi/aws/ec2/launchTemplate";
import type { TargetGroupArgs } from "@pulumi/aws/lb/targetGroup";
import type * as pulumi from "@pulumi/pulumi";
import type { ArtifactStore } from "../artifact-store";
import type { LogShipping, MachineConfiguration } from "../machine";
import type { NetworkLike } from "../network";
import type { Transform } from "../shared/transform";
import type { MachineSize } from "./machine-sizes";

/** GiB of a host's root volume where nothing is said. */
export const ROOT_GB = 30;

/** What a container may do only after it was said in words. Each is refused by default. */
export type Allowance = "privileged" | "hostNetwork" | "dockerSocket" | "mutableImage" | "writableRoot";

/** Sends requests from the environment's load balancer to a port. At least one of `paths` and `hosts`. */
export interface RouteArgs {
  /** Path patterns, e.g. `/reports/*`. */
  readonly paths?: readonly string[];
  /** Host names, e.g. `reports.example.com`. */
  readonly hosts?: readonly string[];
  /** Place among the listener's rules, 1–50000; the lowest that matches wins. */
  readonly priority: number;
  /** Path that the container answers with 200 when it can serve. */
  readonly healthPath: string;
}

export interface PortArgs {
  /** Port in the container. */
  readonly container: number;
  /**
   * Port on the host, 1024–65534. The next one is taken as well: a new version comes up on the other of the two. Left out,
   * the port is reachable by containers that depend on this one and by nobody else.
   */
  readonly host?: number;
  readonly route?: RouteArgs;
}

export type VolumeArgs =
  /** A folder of the host; lost with the host. */
  | { readonly type: "host"; readonly path: string; readonly mount: string; readonly readOnly?: boolean }
  /** A folder of one of the hosts' `shares`. */
  | { readonly type: "share"; readonly path: string; readonly mount: string; readonly readOnly?: boolean }
  /** A folder of the host's own data disk, which is attached to the next machine when this one is lost. */
  | { readonly type: "disk"; readonly path: string; readonly mount: string; readonly readOnly?: boolean };

export interface ContainerHealthArgs {
  /** Run in the container; exit code 0 is healthy. */
  readonly command: readonly string[];
  /** Seconds between checks. Default 5. */
  readonly intervalSeconds?: number;
  /** Seconds until a check counts as failed. Default 3. */
  readonly timeoutSeconds?: number;
  /** Failed checks in a row until it counts as unhealthy. Default 3. */
  readonly retries?: number;
  /** Seconds in which failures do not count. Default 0. */
  readonly startSeconds?: number;
}

export interface ContainerArgs {
  /** `registry/name@sha256:…`, or the id `sha256:…` of an image that is on the host. Never a tag alone. */
  readonly image: string;
  /**
   * For an image that is in no registry: key of what `docker save` wrote, in the host's bucket. Needs `image` to be the
   * id `sha256:…`. Default: the image is pulled.
   */
  readonly archive?: string;
  /** Replaces the image's command. */
  readonly command?: readonly string[];
  /** Most memory in MiB, at least 6. A container that wants more is killed, alone. */
  readonly memoryMb: number;
  /** Most CPU, in cores, e.g. `0.5`. */
  readonly cpus: number;
  /** Most processes and threads. Default 256. */
  readonly pids?: number;
  readonly ports?: readonly PortArgs[];
  /** Plain settings; readable by whoever may read the declaration, so never secrets. */
  readonly environment?: Readonly<Record<string, pulumi.Input<string>>>;
  /** Environment variables that the host reads from Secrets Manager when it starts the container. */
  readonly secrets?: Readonly<
    Record<string, { readonly arn: pulumi.Input<string> /** Key of a JSON secret. */; readonly key?: string }>
  >;
  readonly volumes?: readonly VolumeArgs[];
  /** Default: healthy as soon as it has run for five seconds. */
  readonly health?: ContainerHealthArgs;
  /** Linux capabilities. All are dropped but these. Default: none. */
  readonly capabilities?: readonly string[];
  /** User in the container, e.g. `1000:1000`. Default: the image's. */
  readonly user?: string;
  /** Containers that must be healthy before this one starts; this one reaches them by their names. */
  readonly dependsOn?: readonly string[];
  /** Seconds to finish after SIGTERM. Default 30. */
  readonly stopSeconds?: number;
  /**
   * `beside`: the new version starts next to the old one and takes over when it is healthy. `stopFirst`: never two at
   * once. Default `beside`, but `stopFirst` for a container that writes to a disk.
   */
  readonly update?: "beside" | "stopFirst";
  /**
   * What happens when it ends by itself: `always` it is started again, `onFailure` after an exit code that is not 0, `never`.
   * The host's next boot or update starts one that has ended. @default "always"
   */
  readonly restart?: "always" | "onFailure" | "never";
  /**
   * Where its output goes: `journald` to the host's journal, and from there to the log store; `local` 100 MB at most on the
   * host and nowhere else, for `docker logs`; `none` nowhere. @default "journald"
   */
  readonly log?: "journald" | "local" | "none";
  /** What is refused otherwise. Default: nothing. */
  readonly allow?: readonly Allowance[];
  readonly privileged?: boolean;
  readonly hostNetwork?: boolean;
  /** Root file system that can be written; `allow: ["writableRoot"]`. Default false: `/tmp` can be written. */
  readonly writableRoot?: boolean;
}

/** A store that hosts mount: a share, or a bucket with `mount`. */
export interface HostShare {
  readonly store: Pick<ArtifactStore, "grantRead" | "grantReadWrite" | "allowFrom" | "mounts">;
  /** @default "readWrite" */
  readonly access?: "read" | "readWrite";
}

export interface DockerHostArgs {
  /** Machines are in the app subnets, host n in zone n. */
  readonly network: NetworkLike;
  /** One or two. Two keep serving while one is lost. Default 1. Cost: the machine's price per hour, per host. */
  readonly hosts?: 1 | 2;
  /** EC2 instance type, e.g. `m6i.xlarge`. */
  readonly instanceType: string;
  /** What the type has. Default: looked up; needed for types that are not in the table. */
  readonly size?: MachineSize;
  /** By name: lower case letters, digits and `-`, up to 20 characters. */
  readonly containers: Readonly<Record<string, ContainerArgs>>;
  /** What hosts are made of: a Puppet configuration with the role `docker_host`. */
  readonly configuration: MachineConfiguration;
  /** Ships the lines of hosts and containers. Default: they stay in the hosts' journals. */
  readonly logs?: LogShipping;
  /** Bucket that the declaration is written to and hosts read it from. */
  readonly bucket: pulumi.Input<string>;
  /** Machine image; Debian 12, or one that was baked from the role. Default: the newest Debian 12 image, kept from then on. */
  readonly imageId?: pulumi.Input<string>;
  /** The listener that routes are added to, and the security group of its load balancer. */
  readonly loadBalancer?: {
    readonly listenerArn: pulumi.Input<string>;
    readonly securityGroupId: pulumi.Input<string>;
  };
  /** Security groups of the hosts besides their own. Default: none. */
  readonly securityGroupIds?: readonly pulumi.Input<string>[];
  /** Size of the encrypted root volume in GiB. Default 30. */
  readonly volumeSizeGb?: number;
  /** Size of each host's encrypted data disk in GiB; needed for volumes of type `disk`. Default: no disk. */
  readonly diskSizeGb?: number;
  /** Days that the daily backups of the data disks are kept, 1–365. Default 7, 35 where protected. Cost: per GB and month. */
  readonly diskBackupDays?: number;
  /**
   * By the folder that each is mounted at on every host; needed for volumes of type `share`. A container is not started while
   * its share is not mounted. A share of EFS needs an `imageId` that brings amazon-efs-utils, which Debian does not have.
   * Default: none.
   */
  readonly shares?: Readonly<Record<string, HostShare>>;
  /** Seconds that an old container gets to finish its requests. Default 30. */
  readonly deregistrationDelaySeconds?: number;
  /** Prod-like: data disks are kept when the component is removed. Default false. */
  readonly protected?: boolean;
  readonly tags?: Record<string, string>;
  /** Adjusts single children. */
  readonly transform?: {
    readonly launchTemplate?: Transform<LaunchTemplateArgs>;
    readonly group?: Transform<GroupArgs>;
    readonly targetGroup?: Transform<TargetGroupArgs>;
  };
}
