import { AccessPoint } from "@pulumi/aws/efs/accessPoint";
import { BackupPolicy } from "@pulumi/aws/efs/backupPolicy";
import { FileSystem } from "@pulumi/aws/efs/fileSystem";
import { FileSystemPolicy } from "@pulumi/aws/efs/fileSystemPolicy";
import { MountTarget } from "@pulumi/aws/efs/mountTarget";
import { ReplicationConfiguration } from "@pulumi/aws/efs/replicationConfiguration";
import { getCallerIdentityOutput } from "@pulumi/aws/getCallerIdentity";
import * as pulumi from "@pulumi/pulumi";
import { Doors } from "../shared/doors";
import { transformed } from "../shared/transform";
import { makeAlarms, type StoreAlarm } from "./alarms";
import type { ShareArgs, ShareThroughput } from "./args";
import { makeBackup } from "./backup";
import { isDeletable } from "./deletable";
import { keyElsewhere } from "./replication";
import { sharePolicy } from "./share-policy";

export const NFS_PORT = 2049;
export const DEFAULT_ACCESS_POINTS: NonNullable<ShareArgs["accessPoints"]> = { files: { path: "/files" } };

export interface Share {
  readonly fileSystem: FileSystem;
  readonly doors: Doors;
  /** Ids by name. */
  readonly accessPoints: Readonly<Record<string, pulumi.Output<string>>>;
}

/** Makes a file system, a mount target in each zone, and an access point for each application. */
export function makeShare(
  name: string,
  args: ShareArgs,
  keyArn: pulumi.Output<string>,
  parent: pulumi.Resource,
): Share {
  const tags = { ...args.tags };
  const doors = new Doors(name, NFS_PORT, args.network, args.tags, parent);
  const fileSystem = new FileSystem(
    ...transformed(
      args.transform?.fileSystem,
      name,
      {
        encrypted: true,
        kmsKeyId: keyArn,
        ...throughput(args.throughput),
        ...lifecycle(args.infrequentAfterDays),
        tags: { ...tags, Name: name },
      },
      { parent, protect: !isDeletable(args) },
    ),
  );
  const accountId = getCallerIdentityOutput({}, { parent }).accountId;
  const policy = new FileSystemPolicy(
    name,
    {
      fileSystemId: fileSystem.id,
      policy: pulumi.all([fileSystem.arn, accountId]).apply(([arn, account]) => sharePolicy(arn, account)),
    },
    { parent },
  );
  const targets = [...Array(args.zones ?? 2).keys()].map(
    (zone) =>
      new MountTarget(
        `${name}-${zone}`,
        {
          fileSystemId: fileSystem.id,
          subnetId: args.network.subnetIds.app.apply((ids) => ids[zone]!),
          securityGroups: [doors.group.id],
        },
        // Nobody mounts it before the policy is there.
        { parent, dependsOn: [policy] },
      ),
  );
  const accessPoints = Object.entries(args.accessPoints ?? DEFAULT_ACCESS_POINTS).map(
    ([point, { path, uid = 1000, gid = uid, permissions = "0750" }]) => {
      const made = new AccessPoint(
        `${name}-${point}`,
        {
          fileSystemId: fileSystem.id,
          posixUser: { uid, gid },
          rootDirectory: { path, creationInfo: { ownerUid: uid, ownerGid: gid, permissions } },
          tags: { ...tags, Name: `${name}-${point}` },
        },
        { parent },
      );
      // Given out when it can be mounted.
      const usable = pulumi.all([made.id, ...targets.map(({ id }) => id)]).apply(([id]) => id!);
      return [point, usable] as const;
    },
  );
  // The plan below is what backs it up; AWS's own default one would do it twice.
  new BackupPolicy(name, { fileSystemId: fileSystem.id, backupPolicy: { status: "DISABLED" } }, { parent });
  makeBackup(name, args, { kind: "share", arns: [fileSystem.arn], keyArn }, parent);
  const { replicateTo: region } = args;
  if (region) {
    const { key } = keyElsewhere(name, args, region, parent);
    new ReplicationConfiguration(
      name,
      { sourceFileSystemId: fileSystem.id, destination: { region, kmsKeyId: key.arn } },
      { parent },
    );
  }
  makeAlarms(name, args, alarmsOf(fileSystem.id, args.throughput), parent);
  return { fileSystem, doors, accessPoints: Object.fromEntries(accessPoints) };
}

function throughput(wanted: ShareThroughput = "elastic") {
  return typeof wanted === "string"
    ? { throughputMode: wanted }
    : { throughputMode: "provisioned", provisionedThroughputInMibps: wanted.provisionedMibps };
}

function lifecycle(days: ShareArgs["infrequentAfterDays"] = 30) {
  if (days === false) return {};
  const after = days === 1 ? "AFTER_1_DAY" : `AFTER_${days}_DAYS`;
  return {
    lifecyclePolicies: [
      { transitionToIa: after },
      // What is read again is read more than once, and each read there is paid for.
      { transitionToPrimaryStorageClass: "AFTER_1_ACCESS" },
    ],
  };
}

function alarmsOf(fileSystemId: pulumi.Output<string>, wanted: ShareThroughput = "elastic"): StoreAlarm[] {
  const common = { namespace: "AWS/EFS", dimensions: { FileSystemId: fileSystemId } };
  const limit = {
    ...common,
    suffix: "io",
    metric: "PercentIOLimit",
    statistic: "Average",
    threshold: 90,
    says: "operations are near the file system's limit",
  } as const;
  const credit = {
    ...common,
    suffix: "credit",
    metric: "BurstCreditBalance",
    statistic: "Minimum",
    threshold: 200 * 1024 ** 3,
    below: true,
    says: "the burst credit is nearly used up: it will be as slow as it is small",
  } as const;
  return wanted === "bursting" ? [limit, credit] : [limit];
}
