import { getCallerIdentityOutput } from "@pulumi/aws/getCallerIdentity";
import { Bucket } from "@pulumi/aws/s3/bucket";
import { BucketLifecycleConfiguration } from "@pulumi/aws/s3/bucketLifecycleConfiguration";
import { BucketLogging } from "@pulumi/aws/s3/bucketLogging";
import { BucketMetric } from "@pulumi/aws/s3/bucketMetric";
import { BucketObjectLockConfiguration } from "@pulumi/aws/s3/bucketObjectLockConfiguration";
import { BucketPolicy } from "@pulumi/aws/s3/bucketPolicy";
import type { BucketVersioning } from "@pulumi/aws/s3/bucketVersioning";
import * as pulumi from "@pulumi/pulumi";
import { transformed } from "../shared/transform";
import { makeAlarms } from "./alarms";
import type { BucketStoreArgs } from "./args";
import { makeBackup } from "./backup";
import { bucketPolicy, logBucketPolicy } from "./bucket-policy";
import { isDeletable } from "./deletable";
import type { InboxArgs } from "./inbox";
import { INBOX_PREFIXES, inboxSettings } from "./inbox-prefixes";
import { keepPrivate, leftovers, OLD_VERSIONS_DAYS } from "./private-bucket";
import { replicate } from "./replication";

export interface StoreBucket {
  readonly bucket: Bucket;
  /** What has to be in force before anything is put into it. */
  readonly settled: readonly pulumi.Resource[];
}

/** Makes the bucket of a store, with all that keeps it private, encrypted and in order. */
export function makeBucket(
  name: string,
  args: BucketStoreArgs,
  keyArn: pulumi.Output<string>,
  parent: pulumi.Resource,
): StoreBucket {
  const accountId = getCallerIdentityOutput({}, { parent }).accountId;
  const bucket = new Bucket(
    ...transformed(
      args.transform?.bucket,
      name,
      {
        forceDestroy: isDeletable(args),
        tags: { ...args.tags },
        ...(args.objectLock && { objectLockEnabled: true }),
      },
      // A bucket that was made without a lock gets one in place; the property alone would replace it.
      { parent, protect: !isDeletable(args), ignoreChanges: ["objectLockEnabled"] },
    ),
  );
  const { versioning, privacy } = keepPrivate(name, bucket, keyArn, parent);
  const policy = pulumi
    .all([bucket.arn, accountId, keyArn, args.vpcEndpointId ?? ""])
    .apply(([bucketArn, account, key, vpcEndpointId]) =>
      bucketPolicy({
        bucketArn,
        accountId: account,
        keyArn: key,
        encryptionHeader: args.unencryptedWrites === "refused",
        ...(vpcEndpointId && { vpcEndpointId }),
      }),
    );
  // S3 answers 409 when both are written at once.
  const settled: pulumi.Resource[] = [versioning];
  new BucketPolicy(name, { bucket: bucket.id, policy }, { parent, dependsOn: [privacy] });
  tidy(name, args, bucket, versioning, parent);
  if (args.objectLock) {
    const { days, mode = "governance" } = args.objectLock;
    const rule = { defaultRetention: { mode: mode.toUpperCase(), days } };
    settled.push(
      new BucketObjectLockConfiguration(
        name,
        { bucket: bucket.id, rule },
        { parent, dependsOn: [versioning] },
      ),
    );
  }
  if (args.accessLogs ?? args.protected) logRequests(name, args, bucket, accountId, parent);
  if (args.replicateTo) {
    replicate(name, args, { bucket, keyArn, region: args.replicateTo, versioning }, parent);
  }
  if (args.protected || args.backupDays !== undefined) {
    makeBackup(name, args, { kind: "bucket", arns: [bucket.arn], keyArn }, parent);
  }
  watch(name, args, bucket, parent);
  return { bucket, settled };
}

function tidy(
  name: string,
  { lifecycle = {}, inbox }: BucketStoreArgs,
  bucket: Bucket,
  versioning: BucketVersioning,
  parent: pulumi.Resource,
): void {
  const { infrequentAfterDays, archiveAfterDays, oldVersionsDays = OLD_VERSIONS_DAYS } = lifecycle;
  const transitions = [
    ...(infrequentAfterDays ? [{ days: infrequentAfterDays, storageClass: "STANDARD_IA" }] : []),
    ...(archiveAfterDays ? [{ days: archiveAfterDays, storageClass: "GLACIER_IR" }] : []),
  ];
  const rules = [
    {
      id: "tidy",
      status: "Enabled",
      filter: {},
      ...leftovers(oldVersionsDays),
      ...(transitions.length > 0 && { transitions }),
    },
    ...(inbox ? inboxRules(inbox) : []),
  ];
  new BucketLifecycleConfiguration(name, { bucket: bucket.id, rules }, { parent, dependsOn: [versioning] });
}

/** What went through an inbox goes away in the end. */
function inboxRules(inbox: InboxArgs) {
  const { archiveDays, rejectedDays } = inboxSettings(inbox);
  return Object.entries({ archive: archiveDays, rejected: rejectedDays }).map(([id, days]) => ({
    id,
    status: "Enabled",
    filter: { prefix: INBOX_PREFIXES[id as "archive" | "rejected"] },
    expiration: { days },
  }));
}

function logRequests(
  name: string,
  args: BucketStoreArgs,
  bucket: Bucket,
  accountId: pulumi.Output<string>,
  parent: pulumi.Resource,
): void {
  const child = `${name}-logs`;
  const logs = new Bucket(child, { forceDestroy: isDeletable(args), tags: { ...args.tags } }, { parent });
  const { versioning, privacy } = keepPrivate(child, logs, undefined, parent);
  const policy = pulumi
    .all([logs.arn, bucket.arn, accountId])
    .apply(([target, source, account]) => logBucketPolicy(target, source, account));
  const allowed = new BucketPolicy(child, { bucket: logs.id, policy }, { parent, dependsOn: [privacy] });
  new BucketLifecycleConfiguration(
    child,
    {
      bucket: logs.id,
      rules: [{ id: "old", status: "Enabled", filter: {}, expiration: { days: 90 }, ...leftovers(7) }],
    },
    { parent, dependsOn: [versioning] },
  );
  new BucketLogging(
    name,
    { bucket: bucket.id, targetBucket: logs.id, targetPrefix: "requests/" },
    { parent, dependsOn: [allowed] },
  );
}

function watch(name: string, args: BucketStoreArgs, bucket: Bucket, parent: pulumi.Resource): void {
  new BucketMetric(name, { bucket: bucket.id, name: "all" }, { parent });
  const dimensions = { BucketName: bucket.id, FilterId: "all" };
  const common = { namespace: "AWS/S3", dimensions, statistic: "Sum" } as const;
  makeAlarms(
    name,
    args,
    [
      { ...common, suffix: "errors", metric: "5xxErrors", threshold: 5, says: "S3 fails to answer requests" },
      // Somebody who is turned away again and again is misconfigured, or not ours.
      {
        ...common,
        suffix: "refused",
        metric: "4xxErrors",
        threshold: 100,
        says: "many requests are refused",
      },
    ],
    parent,
  );
}
