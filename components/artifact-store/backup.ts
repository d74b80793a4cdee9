import { Plan } from "@pulumi/aws/backup/plan";
import { Selection } from "@pulumi/aws/backup/selection";
import { Vault } from "@pulumi/aws/backup/vault";
import { Role } from "@pulumi/aws/iam/role";
import { RolePolicyAttachment } from "@pulumi/aws/iam/rolePolicyAttachment";
import type * as pulumi from "@pulumi/pulumi";
import { makeAlarms } from "./alarms";
import type { CommonStoreArgs } from "./args";
import { isDeletable } from "./deletable";

const MANAGED = "arn:aws:iam::aws:policy";

/** What AWS Backup needs to copy each kind of thing, and to put it back. */
const POLICIES = {
  share: [
    `${MANAGED}/service-role/AWSBackupServiceRolePolicyForBackup`,
    `${MANAGED}/service-role/AWSBackupServiceRolePolicyForRestores`,
  ],
  disk: [
    `${MANAGED}/service-role/AWSBackupServiceRolePolicyForBackup`,
    `${MANAGED}/service-role/AWSBackupServiceRolePolicyForRestores`,
  ],
  bucket: [
    `${MANAGED}/AWSBackupServiceRolePolicyForS3Backup`,
    `${MANAGED}/AWSBackupServiceRolePolicyForS3Restore`,
  ],
};

export interface BackedUp {
  readonly kind: keyof typeof POLICIES;
  readonly arns: readonly pulumi.Input<string>[];
  /** Of the vault. Default: AWS Backup's own key; copies of a disk have the disk's key. */
  readonly keyArn?: pulumi.Input<string>;
}

/** Daily backups of a store, or of disks, in a vault of their own. */
export function makeBackup(
  name: string,
  args: CommonStoreArgs,
  backedUp: BackedUp,
  parent: pulumi.Resource,
): void {
  const tags = { ...args.tags };
  const child = `${name}-backup`;
  const role = new Role(
    child,
    {
      assumeRolePolicy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          { Effect: "Allow", Principal: { Service: "backup.amazonaws.com" }, Action: "sts:AssumeRole" },
        ],
      }),
      tags,
    },
    { parent },
  );
  for (const [index, policyArn] of POLICIES[backedUp.kind].entries()) {
    new RolePolicyAttachment(`${child}-${index}`, { role: role.name, policyArn }, { parent });
  }
  const vault = new Vault(
    child,
    {
      ...(backedUp.keyArn !== undefined && { kmsKeyArn: backedUp.keyArn }),
      // Recovery points outlive the store where it is protected.
      forceDestroy: isDeletable(args),
      tags,
    },
    { parent },
  );
  const plan = new Plan(
    child,
    {
      rules: [
        {
          ruleName: "daily",
          targetVaultName: vault.name,
          schedule: "cron(30 2 * * ? *)",
          lifecycle: { deleteAfter: args.backupDays ?? (args.protected ? 35 : 7) },
        },
      ],
      tags,
    },
    { parent },
  );
  new Selection(child, { planId: plan.id, iamRoleArn: role.arn, resources: [...backedUp.arns] }, { parent });
  const failed = {
    suffix: "failed",
    namespace: "AWS/Backup",
    metric: "NumberOfBackupJobsFailed",
    statistic: "Sum",
    dimensions: { BackupVaultName: vault.name },
    threshold: 0,
    period: 3600,
    points: 1,
    says: "a backup has failed",
  } as const;
  makeAlarms(child, args, [failed], parent);
}
