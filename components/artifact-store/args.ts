import type { FileSystemArgs } from "@pulumi/aws/efs/fileSystem";
import type { BucketArgs } from "@pulumi/aws/s3/bucket";
import type * as pulumi from "@pulumi/pulumi";
import type { LogShipping, MachineConfiguration } from "../machine";
import type { NetworkLike } from "../network";
import type { Transform } from "../shared/transform";
import type { InboxArgs } from "./inbox";

/** The three ways of keeping files. Which one for which need: the table in this folder's README. */
export type StoreMode = "share" | "bucket" | "repository";

/** Type of a repository's machine where nothing is said, and the GiB of its root volume. */
export const REPOSITORY_TYPE = "t3.small";
export const REPOSITORY_ROOT_GB = 10;

/** What every mode takes. */
export interface CommonStoreArgs {
  /**
   * KMS key that everything is encrypted with. Default: a key of the store's own, rotated each year.
   * Cost: a key is paid for by the month.
   */
  readonly kmsKeyArn?: pulumi.Input<string>;
  /** Prod-like: what holds data cannot be deleted, backups are kept for longer. @default false */
  readonly protected?: boolean;
  /**
   * Whether the store may be deleted together with what is in it. Where `protected`, taking it down takes two steps:
   * one update with `deletable: true`, then the destroy.
   * @default not protected
   */
  readonly deletable?: boolean;
  /** Days that daily backups are kept, 1–365. Default 7, 35 where protected. Cost: per GB and month. */
  readonly backupDays?: number;
  /** SNS topics that the alarms notify. Default: none; the alarms exist all the same. */
  readonly alarmTopicArns?: readonly pulumi.Input<string>[];
  readonly tags?: Record<string, string>;
}

/** A folder of a share that one application sees as its root. */
export interface AccessPointArgs {
  /** Absolute, below the share's root, such as `/shop`. Made at first use. */
  readonly path: string;
  /** User and group that every file of it belongs to, whoever writes it. 1–65533; 0 would be root. @default 1000 */
  readonly uid?: number;
  readonly gid?: number;
  /** Rights of the folder, octal. @default "0750" */
  readonly permissions?: string;
}

/** How fast a share is: `elastic` follows the load and is paid by what is moved, `bursting` grows with what is stored. */
export type ShareThroughput = "elastic" | "bursting" | { readonly provisionedMibps: number };

/** A file system that machines mount (EFS). */
export interface ShareArgs extends CommonStoreArgs {
  readonly mode: "share";
  readonly network: NetworkLike;
  /** By name. Default: one, `files`, with the path `/files`. */
  readonly accessPoints?: Readonly<Record<string, AccessPointArgs>>;
  /** Zones with a mount target, from the first on: as many as have machines. @default 2 */
  readonly zones?: number;
  /** Default `elastic`. Cost: elastic per GB moved, provisioned per MiB/s and month. */
  readonly throughput?: ShareThroughput;
  /** Days without access after which a file goes to the cheaper class. `false`: never. @default 30 */
  readonly infrequentAfterDays?: InfrequentAfterDays | false;
  /** Another region that gets a copy that is at most minutes old. Cost: a second file system and the transfer. */
  readonly replicateTo?: string;
  readonly transform?: { readonly fileSystem?: Transform<FileSystemArgs> };
}

export type InfrequentAfterDays = 1 | 7 | 14 | 30 | 60 | 90 | 180 | 270 | 365;

/** How a bucket appears as a folder of a machine; each has limits, see the README. */
export type BucketMount = "s3files" | "mountpoint" | "s3fs";

/** Objects, used by API or mounted (S3). */
export interface BucketStoreArgs extends CommonStoreArgs {
  /** @default "bucket" */
  readonly mode?: "bucket";
  /**
   * `refused`: a write that does not ask for encryption with the store's key is turned away, whatever its client.
   * `byDefault`: it is encrypted with that key all the same; another key is turned away.
   * @default "byDefault"
   */
  readonly unencryptedWrites?: "refused" | "byDefault";
  /**
   * Versions cannot be changed or deleted for so many days. `governance`: by somebody with the right to;
   * `compliance`: by nobody, not even the account's owner.
   */
  readonly objectLock?: { readonly days: number; readonly mode?: "governance" | "compliance" };
  /** Days until objects go to cheaper classes, and until old versions go away. Cost: each move is paid per object. */
  readonly lifecycle?: {
    readonly infrequentAfterDays?: number;
    readonly archiveAfterDays?: number;
    /** @default 90 */
    readonly oldVersionsDays?: number;
  };
  /** A log of each request, in a bucket of its own. Default: as `protected`. Cost: the log's storage. */
  readonly accessLogs?: boolean;
  /** Another region that gets a copy of each object. Cost: storage there and the transfer. */
  readonly replicateTo?: string;
  /** Credentials of machines work through this gateway endpoint only, so that stolen ones are worth nothing elsewhere. */
  readonly vpcEndpointId?: pulumi.Input<string>;
  /** A folder on machines; see `mounts()`. `s3files` needs `network`. */
  readonly mount?: BucketMount;
  readonly network?: NetworkLike;
  /** A way for files that arrive and are to be processed once each. */
  readonly inbox?: InboxArgs;
  readonly transform?: { readonly bucket?: Transform<BucketArgs> };
}

/** A content repository with versions, search and an API (Apache Jackrabbit). */
export interface RepositoryArgs extends CommonStoreArgs {
  readonly mode: "repository";
  readonly network: NetworkLike;
  /** The program, as `retrofit files program` makes it: published like a release, checked by its sum like one. */
  readonly program: StoredArtifact & { readonly version: string };
  /** The store that the program is in; its machine is allowed to read it there. */
  readonly artifacts?: {
    grantRead(name: string, role: { roleName: pulumi.Input<string> }, prefix?: string): pulumi.Resource;
  };
  /** Brings the machine to its role, `content_repository`. Without it the program runs with nothing in front of it. */
  readonly configuration?: MachineConfiguration;
  /** Ships the machine's and the program's lines. Default: they stay in the machine's journal. */
  readonly logs?: LogShipping;
  readonly environment: string;
  readonly region: string;
  /** Debian packages of the machine. @default ["openjdk-17-jre-headless"] */
  readonly packages?: readonly string[];
  /** @default "t3.small" */
  readonly instanceType?: string;
  /** Certificate of the internal load balancer. Required where `protected`: without it requests are plain HTTP. */
  readonly certificateArn?: pulumi.Input<string>;
  /** Networks that may reach it beside the security groups let in by `allowFrom`, such as the VPN's. */
  readonly clients?: readonly string[];
  /** Zones with a mount target. @default 2 */
  readonly zones?: number;
}

/** A mount as `profile::mounts` takes it. */
export interface MountSetting {
  readonly type: "efs" | "nfs" | "s3" | "mountpoint" | "s3files";
  readonly source: string;
  readonly options?: string;
}

export type ArtifactStoreArgs = ShareArgs | BucketStoreArgs | RepositoryArgs;

/** Where a stored artifact is, and the sum that a machine checks before it runs it. */
export interface StoredArtifact {
  readonly bucket: pulumi.Input<string>;
  readonly key: pulumi.Input<string>;
  readonly sha256: string;
}
