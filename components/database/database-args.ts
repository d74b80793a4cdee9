import type { KeyArgs } from "@pulumi/aws/kms/key";
import type { ClusterArgs } from "@pulumi/aws/rds/cluster";
import type { InstanceArgs } from "@pulumi/aws/rds/instance";
import type { ParameterGroupArgs } from "@pulumi/aws/rds/parameterGroup";
import type { ProxyArgs } from "@pulumi/aws/rds/proxy";
import type * as pulumi from "@pulumi/pulumi";
import type { NetworkLike } from "../network";
import type { Transform } from "../shared/transform";

/** Sharding by Aurora PostgreSQL Limitless: one endpoint, rows spread over shards by AWS. */
export interface ShardingArgs {
  /** Least capacity in Aurora capacity units (ACU, about 2 GiB of memory each), 16 to `maxAcu`. Default 16. Cost: paid for all the time. */
  readonly minAcu?: number;
  /** Most capacity in ACU, 16–6144: the ceiling of the bill. */
  readonly maxAcu: number;
  /** Zones that hold a standby of each shard, 0–2. Default: 1 when `multiAz`, else 0. Cost: each is the shards' price again. */
  readonly standbyZones?: 0 | 1 | 2;
}

export interface DatabaseArgs {
  /** Where the database lives: in the data subnets, which need two zones. */
  readonly network: NetworkLike;
  /** Name of the database made at first. Default `app`. With `sharding` it is always `postgres_limitless`. */
  readonly databaseName?: string;
  /** Name of the master user; its password is made, kept and rotated by RDS. Default `app_admin`. */
  readonly username?: string;
  /** RDS instance class. Default `db.t4g.micro`. Cost: its price per hour, twice with `multiAz`, once more per replica. */
  readonly instanceClass?: string;
  /** Size of the disk in GiB, 20–65536 (gp3). Default 20. Cost: per GiB and month, twice with `multiAz`. */
  readonly storageGb?: number;
  /** Size up to which RDS lets the disk grow by itself, in GiB; the same as `storageGb` keeps it fixed. Default: five times `storageGb`. */
  readonly maxStorageGb?: number;
  /** Major version of PostgreSQL, `"14"` to `"17"`, or a full one such as `"16.8"`. Default `"16"`. Minor ones follow by themselves. */
  readonly engineVersion?: string;
  /** A standby in another zone that takes over by itself in a minute or two. Default: as `protected`. Cost: doubles instance and disk. */
  readonly multiAz?: boolean;
  /** Days that backups are kept, and so how far back a restore to a point in time reaches, 1–35. Default 1, protected 14. */
  readonly backupDays?: number;
  /** Read replicas, 0–15. Default 0. Cost: each as much as an instance without standby. */
  readonly replicas?: number;
  /** For those who outgrow one writer. Replaces instance and replicas by a shard group. Default: none. */
  readonly sharding?: ShardingArgs;
  /** RDS Proxy in front: shares connections, holds them through a failover. Default false. Cost: per vCPU of the instance and hour. */
  readonly proxy?: boolean;
  /** KMS key of disks, snapshots and performance data. Default: a key of the database's own, rotated yearly. Cost: a dollar or so a month. */
  readonly kmsKeyArn?: pulumi.Input<string>;
  /** Parameters of PostgreSQL over the component's own, see the README. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Snapshot that the database starts from. Naming another one replaces the database: the way to restore. Default: an empty database. */
  readonly restoreFrom?: string;
  /**
   * Prod-like: protected from deletion in Pulumi and in AWS, a last snapshot when it is deleted after all, changes that
   * need a restart wait for the maintenance window.
   * @default false
   */
  readonly protected?: boolean;
  /** Open connections that the alarm bears. Default: 80 % of what PostgreSQL allows on this class; no alarm where that is not known. */
  readonly maxConnections?: number;
  /** SNS topics that the alarms notify. Default: none; the alarms exist all the same. */
  readonly alarmTopicArns?: readonly pulumi.Input<string>[];
  readonly tags?: Record<string, string>;
  /** Adjusts single children: properties to set, or a function that changes arguments and options in place. */
  readonly transform?: {
    readonly key?: Transform<KeyArgs>;
    readonly parameterGroup?: Transform<ParameterGroupArgs>;
    /** The writer, and each replica. */
    readonly instance?: Transform<InstanceArgs>;
    readonly cluster?: Transform<ClusterArgs>;
    readonly proxy?: Transform<ProxyArgs>;
  };
}
