import { Role } from "@pulumi/aws/iam/role";
import { RolePolicy } from "@pulumi/aws/iam/rolePolicy";
import type { Bucket } from "@pulumi/aws/s3/bucket";
import { FilesFileSystem } from "@pulumi/aws/s3/filesFileSystem";
import { FilesMountTarget } from "@pulumi/aws/s3/filesMountTarget";
import * as pulumi from "@pulumi/pulumi";
import type { NetworkLike } from "../network";
import { Doors } from "../shared/doors";
import { NFS_PORT } from "./share";

/** How many zones get a mount target. */
const ZONES = 2;

export interface S3Files {
  readonly id: pulumi.Output<string>;
  readonly arn: pulumi.Output<string>;
  readonly doors: Doors;
}

/** S3 Files: an NFS file system over the bucket, for machines with efs-utils 3 or newer. */
export function makeS3Files(
  name: string,
  args: { readonly network: NetworkLike; readonly tags?: Record<string, string> },
  { bucket, keyArn }: { bucket: Bucket; keyArn: pulumi.Output<string> },
  parent: pulumi.Resource,
): S3Files {
  const child = `${name}-mount`;
  const tags = { ...args.tags };
  const doors = new Doors(child, NFS_PORT, args.network, args.tags, parent);
  const role = new Role(
    child,
    {
      assumeRolePolicy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Principal: { Service: "elasticfilesystem.amazonaws.com" },
            Action: "sts:AssumeRole",
          },
        ],
      }),
      tags,
    },
    { parent },
  );
  const rights = new RolePolicy(
    child,
    {
      role: role.name,
      policy: pulumi.all([bucket.arn, keyArn]).apply(([arn, key]) =>
        JSON.stringify({
          Version: "2012-10-17",
          Statement: [
            { Effect: "Allow", Action: ["s3:ListBucket*", "s3:GetBucket*"], Resource: arn },
            {
              Effect: "Allow",
              Action: ["s3:GetObject*", "s3:PutObject*", "s3:DeleteObject*", "s3:AbortMultipartUpload"],
              Resource: `${arn}/*`,
            },
            { Effect: "Allow", Action: ["kms:Decrypt", "kms:GenerateDataKey"], Resource: key },
          ],
        }),
      ),
    },
    { parent },
  );
  const fileSystem = new FilesFileSystem(
    child,
    { bucket: bucket.arn, kmsKeyId: keyArn, roleArn: role.arn, tags },
    { parent, dependsOn: [rights] },
  );
  const targets = [...Array(ZONES).keys()].map(
    (zone) =>
      new FilesMountTarget(
        `${child}-${zone}`,
        {
          fileSystemId: fileSystem.id,
          subnetId: args.network.subnetIds.app.apply((ids) => ids[zone]!),
          securityGroups: [doors.group.id],
        },
        { parent },
      ),
  );
  // Given out when it can be mounted.
  const id = pulumi.all([fileSystem.id, ...targets.map((target) => target.id)]).apply(([first]) => first!);
  return { id, arn: fileSystem.arn, doors };
}
