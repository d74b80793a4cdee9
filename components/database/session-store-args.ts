import type { ReplicationGroupArgs } from "@pulumi/aws/elasticache/replicationGroup";
import type * as pulumi from "@pulumi/pulumi";
import type { NetworkLike } from "../network";
import type { Transform } from "../shared/transform";

export interface SessionStoreArgs {
  /** Where the store lives: in the data subnets. */
  readonly network: NetworkLike;
  /** ElastiCache node type. Default `cache.t4g.micro`. Cost: its price per hour and node. */
  readonly nodeType?: string;
  /** Nodes, 1–6: a primary and replicas that can take over. Default: 2 when `multiAz`, else 1. */
  readonly nodes?: number;
  /** Nodes in different zones, and a replica takes over by itself within seconds. Default: as `protected`. Cost: a second node. */
  readonly multiAz?: boolean;
  /** Major version of Valkey with its minor, `"7.2"` or `"8.0"`. Default `"8.0"`. */
  readonly engineVersion?: string;
  /** KMS key of what is on disk. Default: AWS's own key, free of charge. */
  readonly kmsKeyArn?: pulumi.Input<string>;
  /**
   * Which token is in force, counted from 1. Raise it to have a new one made: the former stays good until the next
   * change, and machines take the new one at their next start.
   * @default 1
   */
  readonly tokenGeneration?: number;
  /** Days that daily snapshots are kept, 0–35. Default 1 if protected, else 0. Cost: per GiB and month. */
  readonly snapshotDays?: number;
  /** Prod-like: two nodes in two zones, the token's secret can be recovered for a week. @default false */
  readonly protected?: boolean;
  /** SNS topics that the alarms notify. Default: none; the alarms exist all the same. */
  readonly alarmTopicArns?: readonly pulumi.Input<string>[];
  readonly tags?: Record<string, string>;
  /** Adjusts single children: properties to set, or a function that changes arguments and options in place. */
  readonly transform?: { readonly replicationGroup?: Transform<ReplicationGroupArgs> };
}
