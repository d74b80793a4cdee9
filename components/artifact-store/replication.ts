import { Role } from "@pulumi/aws/iam/role";
import { RolePolicy } from "@pulumi/aws/iam/rolePolicy";
import { Key } from "@pulumi/aws/kms/key";
import { Provider } from "@pulumi/aws/provider";
import { Bucket } from "@pulumi/aws/s3/bucket";
import { BucketReplicationConfig } from "@pulumi/aws/s3/bucketReplicationConfig";
import type { BucketVersioning } from "@pulumi/aws/s3/bucketVersioning";
import * as pulumi from "@pulumi/pulumi";
import type { BucketStoreArgs } from "./args";
import { isDeletable } from "./deletable";
import { keepPrivate } from "./private-bucket";

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
  const tags = { ...args.tags };
  const provider = new Provider(
    child,
    { region: region as Provider["region"] & string, defaultTags: { tags } },
    { parent },
  );
  const there = { parent, provider };
  const key = new Key(child, { description: `Copies of ${name}`, enableKeyRotation: true }, there);
  const copy = new Bucket(
    child,
    { forceDestroy: isDeletable(args) },
    { ...there, protect: !isDeletable(args) },
  );
  const copied = keepPrivate(child, copy, key.arn, parent, { provider });
  const role = new Role(
    child,
    {
      assumeRolePolicy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          { Effect: "Allow", Principal: { Service: "s3.amazonaws.com" }, Action: "sts:AssumeRole" },
        ],
      }),
      tags,
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

function replicationRights(from: string, to: string, ours: string, theirs: string): string {
  const allow = (Action: string[], Resource: string) => ({ Effect: "Allow", Action, Resource });
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      allow(["s3:GetReplicationConfiguration", "s3:ListBucket"], from),
      allow(
        ["s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"],
        `${from}/*`,
      ),
      allow(["s3:ReplicateObject", "s3:ReplicateTags"], `${to}/*`),
      allow(["kms:Decrypt"], ours),
      allow(["kms:Encrypt"], theirs),
    ],
  });
}
