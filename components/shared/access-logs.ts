import { Bucket } from "@pulumi/aws/s3/bucket";
import { BucketLifecycleConfiguration } from "@pulumi/aws/s3/bucketLifecycleConfiguration";
import { BucketPolicy } from "@pulumi/aws/s3/bucketPolicy";
import { BucketPublicAccessBlock } from "@pulumi/aws/s3/bucketPublicAccessBlock";
import type * as pulumi from "@pulumi/pulumi";

/** Days that access logs are kept. */
const RETENTION_DAYS = 90;

/**
 * A private bucket that Elastic Load Balancing may write access logs to. The bucket is kept when its
 * environment goes, unless it is empty. Returns the policy too: the load balancer checks it when logs are turned on.
 */
export function makeAccessLogs(
  name: string,
  tags: Record<string, string> | undefined,
  parent: pulumi.Resource,
): { bucket: Bucket; ready: pulumi.Resource[] } {
  const bucket = new Bucket(`${name}-logs`, { tags: { ...tags } }, { parent });
  const privacy = new BucketPublicAccessBlock(
    `${name}-logs`,
    {
      bucket: bucket.id,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    },
    { parent },
  );
  const policy = new BucketPolicy(
    `${name}-logs`,
    { bucket: bucket.id, policy: bucket.arn.apply(logDeliveryPolicy) },
    { parent, dependsOn: [privacy] },
  );
  new BucketLifecycleConfiguration(
    `${name}-logs`,
    {
      bucket: bucket.id,
      rules: [
        {
          id: "expire",
          status: "Enabled",
          filter: { prefix: "" },
          expiration: { days: RETENTION_DAYS },
          abortIncompleteMultipartUpload: { daysAfterInitiation: 3 },
        },
      ],
    },
    { parent },
  );
  return { bucket, ready: [policy] };
}

function logDeliveryPolicy(bucketArn: string): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "LoadBalancerLogs",
        Effect: "Allow",
        Principal: { Service: "logdelivery.elasticloadbalancing.amazonaws.com" },
        Action: "s3:PutObject",
        Resource: `${bucketArn}/*`,
      },
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
