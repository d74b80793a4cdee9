import { Role } from "@pulumi/aws/iam/role";
import { RolePolicy } from "@pulumi/aws/iam/rolePolicy";
import { Key } from "@pulumi/aws/kms/key";
import { Provider } from "@pulumi/aws/provider";
import { Bucket } from "@pulumi/aws/s3/bucket";
import { BucketLifecycleConfiguration } from "@pulumi/aws/s3/bucketLifecycleConfiguration";
import { BucketPolicy } from "@pulumi/aws/s3/bucketPolicy";
import { BucketReplicationConfig } from "@pulumi/aws/s3/bucketReplicationConfig";
import type { BucketVersioning } from "@pulumi/aws/s3/bucketVersioning";
import * as pulumi from "@pulumi/pulumi";
import type { BucketStoreArgs, CommonStoreArgs } from "./args";
import { copyPolicy } from "./bucket-policy";
import { isDeletable } from "./deletable";
import { keepPrivate, leftovers, OLD_VERSIONS_DAYS } from "./private-bucket";

export interface Replicated {
  readonly bucket: Bucket;
  readonly keyArn: pulumi.Output<string>;
  readonly versioning: BucketVersioning;
  readonly region: string;
}

/** A copy of each object and of its versions in another region, under a key there. A deletion is not copied. */
export function replicate(
  name: string,
  args: BucketStoreArgs,
  { bucket, keyArn, region, versioning }: Replicated,
  parent: pulumi.Resource,
): void {
  const child = `${name}-replica`;
  const { key, provider } = keyElsewhere(name, args, region, parent);
  const copy = new Bucket(
    child,
    // What is locked here is copied to where it is locked as well, or not at all.
    { forceDestroy: isDeletable(args), ...(args.objectLock && { objectLockEnabled: true }) },
    { parent, provider, protect: !isDeletable(args), ignoreChanges: ["objectLockEnabled"] },
  );
  const copied = keepPrivate(child, copy, key.arn, parent, { provider });
  const there = { parent, provider };
  // S3 answers 409 when a policy and the block of public access are written at once.
  new BucketPolicy(
    child,
    { bucket: copy.id, policy: copy.arn.apply(copyPolicy) },
    { ...there, dependsOn: [copied.privacy] },
  );
  const { oldVersionsDays = OLD_VERSIONS_DAYS } = args.lifecycle ?? {};
  const rules = [{ id: "tidy", status: "Enabled", filter: {}, ...leftovers(oldVersionsDays) }];
  new BucketLifecycleConfiguration(
    child,
    { bucket: copy.id, rules },
    { ...there, dependsOn: [copied.versioning] },
  );
  const role = new Role(
    child,
    {
      assumeRolePolicy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          { Effect: "Allow", Principal: { Service: "s3.amazonaws.com" }, Action: "sts:AssumeRole" },
        ],
      }),
      tags: { ...args.tags },
    },
    { parent },
  );
  const policy = pulumi
    .all([bucket.arn, copy.arn, keyArn, key.arn])
    .apply(([from, to, ours, theirs]) => replicationRights(from, to, ours, theirs));
  new RolePolicy(child, { role: role.name, policy }, { parent });
  new BucketReplicationConfig(
    name,
    {
      bucket: bucket.id,
      role: role.arn,
      rules: [
        {
          id: "all",
          status: "Enabled",
          priority: 0,
          filter: { prefix: "" },
          // Whoever deletes here by mistake still has it there.
          deleteMarkerReplication: { status: "Disabled" },
          sourceSelectionCriteria: { sseKmsEncryptedObjects: { status: "Enabled" } },
          destination: {
            bucket: copy.arn,
            storageClass: "STANDARD_IA",
            encryptionConfiguration: { replicaKmsKeyId: key.arn },
          },
        },
      ],
    },
    { parent, dependsOn: [versioning, copied.versioning] },
  );
}

/** A key in another region, for what is copied there. */
export function keyElsewhere(
  name: string,
  { tags }: CommonStoreArgs,
  region: string,
  parent: pulumi.Resource,
): { key: Key; provider: Provider } {
  const child = `${name}-replica`;
  const provider = new Provider(
    child,
    { region: region as Provider["region"] & string, defaultTags: { tags: { ...tags } } },
    { parent },
  );
  const description = `Copies of ${name}`;
  const key = new Key(child, { description, enableKeyRotation: true }, { parent, provider });
  return { key, provider };
}

function replicationRights(from: string, to: string, ours: string, theirs: string): string {
  const allow = (Action: string[], Resource: string) => ({ Effect: "Allow", Action, Resource });
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      allow(["s3:GetReplicationConfiguration", "s3:ListBucket"], from),
      allow(
        [
          "s3:GetObjectVersionForReplication",
          "s3:GetObjectVersionAcl",
          "s3:GetObjectVersionTagging",
          "s3:GetObjectRetention",
          "s3:GetObjectLegalHold",
        ],
        `${from}/*`,
      ),
      allow(["s3:ReplicateObject", "s3:ReplicateTags"], `${to}/*`),
      allow(["kms:Decrypt"], ours),
      allow(["kms:Encrypt"], theirs),
    ],
  });
}
