import { RolePolicy } from "@pulumi/aws/iam/rolePolicy";
import { Bucket, type BucketArgs } from "@pulumi/aws/s3/bucket";
import { BucketLifecycleConfiguration } from "@pulumi/aws/s3/bucketLifecycleConfiguration";
import { BucketObjectv2 } from "@pulumi/aws/s3/bucketObjectv2";
import { BucketOwnershipControls } from "@pulumi/aws/s3/bucketOwnershipControls";
import { BucketPolicy } from "@pulumi/aws/s3/bucketPolicy";
import { BucketPublicAccessBlock } from "@pulumi/aws/s3/bucketPublicAccessBlock";
import { BucketServerSideEncryptionConfiguration } from "@pulumi/aws/s3/bucketServerSideEncryptionConfiguration";
import { BucketVersioning } from "@pulumi/aws/s3/bucketVersioning";
import * as pulumi from "@pulumi/pulumi";
import { type Transform, transformed } from "../shared/transform";

export interface ArtifactStoreArgs {
  /**
   * Whether the bucket may be deleted together with what is in it. Only for environments that are thrown away.
   * @default false
   */
  readonly forceDestroy?: boolean;
  readonly tags?: Record<string, string>;
  readonly transform?: { readonly bucket?: Transform<BucketArgs> };
}

/** Where a stored artifact is, and the sum that a machine checks before it runs it. */
export interface StoredArtifact {
  readonly bucket: pulumi.Input<string>;
  readonly key: pulumi.Input<string>;
  readonly sha256: string;
}

/** A private, encrypted, versioned bucket that is reached over TLS only; release artifacts live in it. */
export class ArtifactStore extends pulumi.ComponentResource {
  public readonly bucketName: pulumi.Output<string>;
  public readonly bucketArn: pulumi.Output<string>;

  constructor(
    private readonly storeName: string,
    args: ArtifactStoreArgs = {},
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("retrofit:artifact-store:ArtifactStore", storeName, args, opts);
    const parent = { parent: this };
    const bucket = new Bucket(
      ...transformed(
        args.transform?.bucket,
        storeName,
        { forceDestroy: args.forceDestroy ?? false, tags: { ...args.tags } },
        parent,
      ),
    );
    const of = { bucket: bucket.id };
    new BucketOwnershipControls(
      storeName,
      { ...of, rule: { objectOwnership: "BucketOwnerEnforced" } },
      parent,
    );
    const versioning = new BucketVersioning(
      storeName,
      { ...of, versioningConfiguration: { status: "Enabled" } },
      parent,
    );
    new BucketLifecycleConfiguration(
      storeName,
      {
        ...of,
        rules: [
          {
            id: "tidy",
            status: "Enabled",
            filter: {},
            // Both are in no listing and are paid for all the same.
            abortIncompleteMultipartUpload: { daysAfterInitiation: 3 },
            noncurrentVersionExpiration: { noncurrentDays: 90 },
          },
        ],
      },
      { ...parent, dependsOn: [versioning] },
    );
    new BucketServerSideEncryptionConfiguration(
      storeName,
      {
        ...of,
        rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" }, bucketKeyEnabled: true }],
      },
      parent,
    );
    const privacy = new BucketPublicAccessBlock(
      storeName,
      {
        ...of,
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      },
      parent,
    );
    new BucketPolicy(
      storeName,
      { ...of, policy: bucket.arn.apply(tlsOnlyPolicy) },
      // S3 answers 409 when both are written at once.
      { ...parent, dependsOn: [privacy] },
    );
    this.bucketName = bucket.id;
    this.bucketArn = bucket.arn;
    this.registerOutputs({ bucketName: this.bucketName, bucketArn: this.bucketArn });
  }

  /** Uploads a packed artifact as part of the update. Its name holds its sum, so other content is another object. */
  upload(name: string, artifact: { key: string; file: string; sha256: string }): StoredArtifact {
    const object = new BucketObjectv2(
      `${this.storeName}-${name}`,
      {
        bucket: this.bucketName,
        key: artifact.key,
        source: new pulumi.asset.FileAsset(artifact.file),
        contentType: "application/gzip",
      },
      { parent: this },
    );
    return { bucket: this.bucketName, key: object.key, sha256: artifact.sha256 };
  }

  /** Lets a role read objects under a prefix, and nothing else. */
  grantRead(name: string, role: { roleName: pulumi.Input<string> }, prefix = ""): RolePolicy {
    return new RolePolicy(
      `${this.storeName}-${name}-read`,
      {
        role: role.roleName,
        policy: this.bucketArn.apply((arn) =>
          JSON.stringify({
            Version: "2012-10-17",
            Statement: [{ Effect: "Allow", Action: ["s3:GetObject"], Resource: `${arn}/${prefix}*` }],
          }),
        ),
      },
      { parent: this },
    );
  }
}

function tlsOnlyPolicy(bucketArn: string): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "TlsOnly",
        Effect: "Deny",
        Principal: "*",
        Action: "s3:*",
        Resource: [bucketArn, `${bucketArn}/*`],
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ],
  });
}
