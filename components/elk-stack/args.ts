import type { LaunchTemplateArgs } from "@pulumi/aws/ec2/launchTemplate";
import type { DomainArgs } from "@pulumi/aws/opensearch/domain";
import type * as pulumi from "@pulumi/pulumi";
import type { ArtifactStore } from "../artifact-store";
import type { MachineConfiguration } from "../machine";
import type { NetworkLike } from "../network";
import type { Transform } from "../shared/transform";

/** How much comes in and how long it stays: decides how large the store has to be. */
export interface LogVolumeArgs {
  /** Text of log lines on a usual day, of all environments that share the store, in GB. */
  readonly dailyGb: number;
  /** Days that a line can be found: the longest of the environments that share the store. */
  readonly retentionDays: number;
}

/** Log groups of CloudWatch whose lines go into the stream `logs-system-<environment>`, masked as all others. */
export interface CarryInArgs {
  /** Name of the environment whose stream it is. */
  readonly environment: string;
  /** Where the function's code is kept. */
  readonly artifacts: ArtifactStore;
  /** Names of log groups that exist, by a short name for each. A group has room for two subscriptions. */
  readonly logGroups: Readonly<Record<string, pulumi.Input<string>>>;
}

/** What both forms of the store take. */
export interface CommonStoreArgs extends LogVolumeArgs {
  /** Where the store is: a domain in its data subnets, machines in its app subnets. */
  readonly network: NetworkLike;
  /** Nodes with data. With more than one each line is stored twice. Default: 3 if protected, else 1. */
  readonly nodes?: number;
  /** Disk of each data node in GB. Default: what volume and retention need, with a fifth to spare. */
  readonly storageGb?: number;
  /** Networks that may reach the store and its dashboards beside the security groups that were let in: private ones. Default: none. */
  readonly viewers?: readonly string[];
  /** Topics that alarms tell. Default: none. */
  readonly alarmTopicArns?: readonly pulumi.Input<string>[];
  /** Bucket for snapshots of one's own; a prefix of it is all that the store may use. Default: none. */
  readonly snapshots?: { readonly bucket: pulumi.Input<string>; readonly prefix: string };
  /** Lines of CloudWatch to carry in. Cost: a call of a function for each batch. Default: none. */
  readonly carryIn?: CarryInArgs;
  /** Prod-like: three nodes in three zones at least, and nothing of the data removed by accident. Default false. */
  readonly protected?: boolean;
  readonly tags?: Record<string, string>;
}

/** A domain of Amazon OpenSearch Service. */
export interface ManagedStoreArgs extends CommonStoreArgs {
  readonly store?: "managed";
  /** Name of the domain, 3 to 28 lower-case letters, digits and `-`. Default: component's and stack's names. */
  readonly domainName?: string;
  /** Version of OpenSearch. Default `2.19`. */
  readonly engineVersion?: string;
  /** Type of the data nodes. Default `t3.small.search`. Cost: its price per hour, for each node. */
  readonly instanceType?: string;
  /** Dedicated masters: three small nodes that keep the cluster together. Default: as `protected`. */
  readonly dedicatedMasters?: boolean;
  /** Type of the masters. Default `m7g.medium.search`. */
  readonly masterType?: string;
  /** Days that the store's own logs stay. Default 30. */
  readonly logRetentionDays?: number;
  readonly transform?: { readonly domain?: Transform<DomainArgs> };
}

/** An archive that machines fetch, and the sum without which they do not use it. */
export interface Download {
  /** `https://…` or `http://…`, on port 443 or 80, reachable from the app subnets. */
  readonly url: string;
  /** SHA-256, 64 hex digits. */
  readonly sha256: string;
}

/** Programs of a store on machines of one's own: Debian has none of them, so they come from a mirror of the operator's. */
export interface StorePrograms {
  /** OpenSearch 2.x for Linux as tar.gz, with its JDK and the security plugin, for the processor of `instanceType`. */
  readonly opensearch: Download;
  /** Plugins as zip, such as `repository-s3` for snapshots. Default: none beside those of the archive. */
  readonly plugins?: readonly Download[];
  /** OpenSearch Dashboards as tar.gz; it takes about 1 GB of each node's memory. Default: none. */
  readonly dashboards?: Download;
  /** Logstash with the output for OpenSearch as tar.gz, for senders that speak Beats. Default: none. */
  readonly logstash?: Download;
}

/** OpenSearch on machines of one's own. */
export interface SelfHostedStoreArgs extends CommonStoreArgs {
  readonly store: "selfHosted";
  /** What machines are made of: a Puppet configuration with the role `log_store`. */
  readonly configuration: MachineConfiguration;
  readonly programs: StorePrograms;
  /**
   * Takes syslog over TCP on port 6514 from `viewers`, for appliances that can do nothing else: without TLS or a sign-in.
   * Default false.
   */
  readonly syslog?: boolean;
  /** Type of the machines; half of its memory is the heap. Default `m6i.large`. Cost: its price per hour, for each node. */
  readonly instanceType?: string;
  /** Machine image. Default: the newest Debian 12 image, kept from then on. */
  readonly imageId?: pulumi.Input<string>;
  /**
   * `green`: a node is replaced only while every shard has all its copies, and the next one when that is so again.
   * `always`: without looking, for a store that only another configuration brings back. Default `green`.
   */
  readonly replaceNodes?: "green" | "always";
  readonly transform?: { readonly launchTemplate?: Transform<LaunchTemplateArgs> };
}

export type ElkStackArgs = ManagedStoreArgs | SelfHostedStoreArgs;

export const TLS_POLICY = "Policy-Min-TLS-1-2-PFS-2023-10";
export const STORE_PORT = 443;
/** Who may do everything in the store; its password is in the secret. */
export const STORE_USER = "retrofit";
/** Who may write lines and nothing else: what machines sign in as, with a secret of its own. */
export const WRITER_USER = "retrofit-forwarder";
/** What machines of a store of one's own are. */
export const LOG_STORE_ROLE = "log_store";
/** Type of a store's machines where nothing is said. */
export const LOG_STORE_TYPE = "m6i.large";
/** GiB of the root volume of such a machine: the programs are there, the data is not. */
export const LOG_STORE_ROOT_GB = 20;
/** Nodes of a domain that only manage it, where it has some, and their type. */
export const MASTERS = 3;
export const MASTER_TYPE = "m7g.medium.search";
