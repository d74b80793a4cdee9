import { Role } from "@pulumi/aws/iam/role";
import { RolePolicyAttachment } from "@pulumi/aws/iam/rolePolicyAttachment";
import { Cluster } from "@pulumi/aws/rds/cluster";
import { ShardGroup } from "@pulumi/aws/rds/shardGroup";
import type { SubnetGroup } from "@pulumi/aws/rds/subnetGroup";
import * as pulumi from "@pulumi/pulumi";
import { transformed } from "../shared/transform";
import type { DatabaseArgs, ShardingArgs } from "./database-args";

/** Version of Aurora PostgreSQL that has Limitless. */
const LIMITLESS_VERSION = "16.6-limitless";
/** Limitless makes this database and no other. */
export const LIMITLESS_DATABASE = "postgres_limitless";
export const LEAST_ACU = 16;
export const MOST_ACU = 6144;

export interface ShardedParts {
  readonly subnetGroup: SubnetGroup;
  readonly securityGroupId: pulumi.Output<string>;
  readonly kmsKeyArn: pulumi.Input<string>;
  readonly username: string;
  readonly backupDays: number;
  readonly multiAz: boolean;
}

/** A cluster of Aurora PostgreSQL Limitless with its shard group. */
export function makeSharded(
  name: string,
  args: DatabaseArgs,
  sharding: ShardingArgs,
  parts: ShardedParts,
  parent: pulumi.Resource,
): { cluster: Cluster; shards: ShardGroup } {
  const keep = args.protected ?? false;
  const cluster = new Cluster(
    ...transformed(
      args.transform?.cluster,
      name,
      {
        engine: "aurora-postgresql",
        engineVersion: LIMITLESS_VERSION,
        // Aurora asks for an empty mode, this kind of storage, monitoring and a month of performance data with Limitless.
        engineMode: "",
        clusterScalabilityType: "limitless",
        storageType: "aurora-iopt1",
        monitoringInterval: 30,
        monitoringRoleArn: monitoringRole(name, args, parent).arn,
        performanceInsightsEnabled: true,
        performanceInsightsRetentionPeriod: 31,
        performanceInsightsKmsKeyId: parts.kmsKeyArn,
        enabledCloudwatchLogsExports: ["postgresql"],
        masterUsername: parts.username,
        manageMasterUserPassword: true,
        dbSubnetGroupName: parts.subnetGroup.name,
        vpcSecurityGroupIds: [parts.securityGroupId],
        storageEncrypted: true,
        kmsKeyId: parts.kmsKeyArn,
        backupRetentionPeriod: parts.backupDays,
        preferredBackupWindow: "01:00-02:00",
        preferredMaintenanceWindow: "sun:02:30-sun:03:30",
        copyTagsToSnapshot: true,
        deletionProtection: keep,
        skipFinalSnapshot: !keep,
        finalSnapshotIdentifier: pulumi.interpolate`${parts.subnetGroup.name}-final`,
        ...(args.restoreFrom === undefined ? {} : { snapshotIdentifier: args.restoreFrom }),
        tags: { ...args.tags },
      },
      { parent, protect: keep },
    ),
  );
  const shards = new ShardGroup(
    name,
    {
      dbShardGroupIdentifier: pulumi.interpolate`${cluster.clusterIdentifier}-shards`,
      dbClusterIdentifier: cluster.id,
      minAcu: sharding.minAcu ?? LEAST_ACU,
      maxAcu: sharding.maxAcu,
      computeRedundancy: sharding.standbyZones ?? (parts.multiAz ? 1 : 0),
      publiclyAccessible: false,
      tags: { ...args.tags },
    },
    { parent, protect: keep },
  );
  return { cluster, shards };
}

/** Limitless requires enhanced monitoring, and that requires a role. */
function monitoringRole(name: string, args: DatabaseArgs, parent: pulumi.Resource): Role {
  const role = new Role(
    `${name}-monitoring`,
    {
      assumeRolePolicy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Principal: { Service: "monitoring.rds.amazonaws.com" },
            Action: "sts:AssumeRole",
          },
        ],
      }),
      tags: { ...args.tags },
    },
    { parent },
  );
  new RolePolicyAttachment(
    `${name}-monitoring`,
    {
      role: role.name,
      policyArn: "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole",
    },
    { parent },
  );
  return role;
}
