import type { DomainArgs } from "@pulumi/aws/opensearch/domain";
import type * as pulumi from "@pulumi/pulumi";
import type { NetworkLike } from "../network";
import type { Transform } from "../shared/transform";

/** How much comes in and how long it stays: decides how large the store has to be. */
export interface LogVolumeArgs {
  /** Text of log lines on a usual day, of all environments that share the store, in GB. */
  readonly dailyGb: number;
  /** Days that a line can be found: the longest of the environments that share the store. */
  readonly retentionDays: number;
}

export interface ElkStackArgs extends LogVolumeArgs {
  /** Nodes are in its data subnets. */
  readonly network: NetworkLike;
  /** Name of the domain, 3 to 28 lower-case letters, digits and `-`. Default: component's and stack's names. */
  readonly domainName?: string;
  /** Version of OpenSearch. Default `2.19`. */
  readonly engineVersion?: string;
  /** Type of the data nodes. Default `t3.small.search`. Cost: its price per hour, for each node. */
  readonly instanceType?: string;
  /** Data nodes: 1, 2, 3 or a multiple of 3. With more than one each line is stored twice. Default: 3 if protected, else 1. */
  readonly nodes?: number;
  /** Dedicated masters: three small nodes that keep the cluster together. Default: as `protected`. */
  readonly dedicatedMasters?: boolean;
  /** Type of the masters. Default `m7g.medium.search`. */
  readonly masterType?: string;
  /** Disk of each data node in GB. Default: what volume and retention need, with a fifth to spare. */
  readonly storageGb?: number;
  /** Networks that may reach the store and its dashboards beside the security groups that were let in: private ones. Default: none. */
  readonly viewers?: readonly string[];
  /** Topics that alarms tell. Default: none. */
  readonly alarmTopicArns?: readonly pulumi.Input<string>[];
  /** Bucket for snapshots of one's own; a prefix of it is all that the store may use. Default: the service's own only. */
  readonly snapshots?: { readonly bucket: pulumi.Input<string>; readonly prefix: string };
  /** Days that the store's own logs stay. Default 30. */
  readonly logRetentionDays?: number;
  /** Prod-like: three nodes in three zones, masters, the domain protected from deletion. Default false. */
  readonly protected?: boolean;
  readonly tags?: Record<string, string>;
  readonly transform?: { readonly domain?: Transform<DomainArgs> };
}

export const TLS_POLICY = "Policy-Min-TLS-1-2-PFS-2023-10";
export const STORE_PORT = 443;
/** Who may do everything in the store; its password is in the secret. */
export const STORE_USER = "retrofit";
