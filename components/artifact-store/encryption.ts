import { getCallerIdentityOutput } from "@pulumi/aws/getCallerIdentity";
import { getRegionOutput } from "@pulumi/aws/getRegion";
import { Key } from "@pulumi/aws/kms/key";
import * as pulumi from "@pulumi/pulumi";
import type { CommonStoreArgs } from "./args";

/** Services that use a store's key in the name of whoever asks them. */
const SERVICES = ["s3", "elasticfilesystem", "sqs", "backup", "secretsmanager"];

/**
 * The key of a store, made where none is given. Whoever may use the store may use its key, but through the service only: so
 * a grant on the store is all that a role needs, and the key alone opens nothing.
 */
export function storeKey(
  name: string,
  args: CommonStoreArgs,
  parent: pulumi.Resource,
): pulumi.Output<string> {
  if (args.kmsKeyArn !== undefined) return pulumi.output(args.kmsKeyArn);
  const account = getCallerIdentityOutput({}, { parent }).accountId;
  const region = getRegionOutput({}, { parent }).apply((found) => found.region ?? found.name);
  const key = new Key(
    name,
    {
      description: `Files of ${name}`,
      enableKeyRotation: true,
      // A file that was encrypted with a lost key is lost: in a protected environment there is a month to notice.
      deletionWindowInDays: args.protected ? 30 : 7,
      policy: pulumi.all([account, region]).apply(([id, where]) => keyPolicy(id, where)),
      tags: { ...args.tags },
    },
    { parent },
  );
  return key.arn;
}

export function keyPolicy(account: string, region: string): string {
  const use = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"];
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "Administration",
        Effect: "Allow",
        Principal: { AWS: `arn:aws:iam::${account}:root` },
        Action: "kms:*",
        Resource: "*",
      },
      {
        Sid: "ThroughTheServices",
        Effect: "Allow",
        Principal: { AWS: "*" },
        Action: [...use, "kms:CreateGrant"],
        Resource: "*",
        Condition: {
          StringEquals: {
            "kms:CallerAccount": account,
            "kms:ViaService": SERVICES.map((service) => `${service}.${region}.amazonaws.com`),
          },
        },
      },
      {
        // S3 tells a queue of its own accord, not in anybody's name.
        Sid: "Notifications",
        Effect: "Allow",
        Principal: { Service: "s3.amazonaws.com" },
        Action: ["kms:GenerateDataKey", "kms:Decrypt"],
        Resource: "*",
        Condition: { StringEquals: { "aws:SourceAccount": account } },
      },
    ],
  });
}
