import type { Bucket } from "@pulumi/aws/s3/bucket";
import { BucketOwnershipControls } from "@pulumi/aws/s3/bucketOwnershipControls";
import { BucketPublicAccessBlock } from "@pulumi/aws/s3/bucketPublicAccessBlock";
import { BucketServerSideEncryptionConfiguration } from "@pulumi/aws/s3/bucketServerSideEncryptionConfiguration";
import { BucketVersioning } from "@pulumi/aws/s3/bucketVersioning";
import type * as pulumi from "@pulumi/pulumi";

/** Versions, one owner, no public access, one key: what every bucket here has. */
export function keepPrivate(
  name: string,
  bucket: Bucket,
  keyArn: pulumi.Input<string> | undefined,
  parent: pulumi.Resource,
  opts: pulumi.CustomResourceOptions = {},
) {
  const of = { bucket: bucket.id };
  const child = { ...opts, parent };
  new BucketOwnershipControls(name, { ...of, rule: { objectOwnership: "BucketOwnerEnforced" } }, child);
  const versioning = new BucketVersioning(
    name,
    { ...of, versioningConfiguration: { status: "Enabled" } },
    child,
  );
  const byDefault = keyArn
    ? { sseAlgorithm: "aws:kms", kmsMasterKeyId: keyArn }
    : // Access logs come with a key of S3's own or not at all.
      { sseAlgorithm: "AES256" };
  new BucketServerSideEncryptionConfiguration(
    name,
    { ...of, rules: [{ applyServerSideEncryptionByDefault: byDefault, bucketKeyEnabled: true }] },
    child,
  );
  const privacy = new BucketPublicAccessBlock(
    name,
    {
      ...of,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    },
    child,
  );
  return { versioning, privacy };
}

/** Days that former versions are kept where nothing is said. */
export const OLD_VERSIONS_DAYS = 90;

/** What is in no listing and is paid for all the same: unfinished uploads, and former versions after a while. */
export function leftovers(oldVersionsDays: number) {
  return {
    abortIncompleteMultipartUpload: { daysAfterInitiation: 3 },
    noncurrentVersionExpiration: { noncurrentDays: oldVersionsDays },
  };
}
