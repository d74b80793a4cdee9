import { RolePolicy } from "@pulumi/aws/iam/rolePolicy";
import * as pulumi from "@pulumi/pulumi";
import type { Share } from "./share";

/** What a role may do with a store. */
export type Access = "read" | "readWrite";

export interface GrantedRole {
  readonly roleName: pulumi.Input<string>;
}

const OBJECT_RIGHTS: Record<Access, readonly string[]> = {
  read: ["s3:GetObject"],
  readWrite: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"],
};

const MOUNT_RIGHTS: Record<Access, readonly string[]> = {
  read: ["elasticfilesystem:ClientMount"],
  readWrite: ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"],
};

type Statement = { Action: readonly string[]; Resource: string };

/** Objects under a prefix; of the whole bucket also their list, since a missing file is otherwise one that is refused. */
export function objectStatements(bucketArn: string, access: Access, prefix: string): Statement[] {
  return [
    { Action: OBJECT_RIGHTS[access], Resource: `${bucketArn}/${prefix}*` },
    ...(prefix === "" ? [{ Action: ["s3:ListBucket"], Resource: bucketArn }] : []),
  ];
}

/** Lets a role mount a share through its access points. */
export function grantShare(
  child: string,
  share: Share,
  role: GrantedRole,
  access: Access,
  parent: pulumi.Resource,
): RolePolicy {
  return grant(
    child,
    role,
    share.fileSystem.arn.apply((Resource) => [{ Action: MOUNT_RIGHTS[access], Resource }]),
    parent,
  );
}

/** An inline policy of the role, with these rights and nothing else. */
export function grant(
  child: string,
  role: GrantedRole,
  statements: pulumi.Input<Statement[]>,
  parent: pulumi.Resource,
): RolePolicy {
  const policy = pulumi.output(statements).apply((all) =>
    JSON.stringify({
      Version: "2012-10-17",
      Statement: all.map((statement) => ({ Effect: "Allow", ...statement })),
    }),
  );
  return new RolePolicy(child, { role: role.roleName, policy }, { parent });
}
