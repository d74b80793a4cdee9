import { stackRule } from "../../rule";
import { list } from "../../values";

export const rule = stackRule({
  name: "file-system-backups",
  title: "File systems are backed up.",
  severity: "medium",
  ids: ["CKV2_AWS_18", "NIST-EFSInBackupPlan", "FSBP.EFS.2", "FSBP.EFS.7"],
  why: "A file system keeps no former versions: a deleted folder is gone.",
  fix: 'Add an aws.efs.BackupPolicy with status "ENABLED", or name it in an aws.backup.Selection.',
  kinds: ["efs/fileSystem"],
  checkStack: (stack, report) => {
    for (const files of stack.of("efs/fileSystem")) {
      const automatic = stack
        .pointing("efs/backupPolicy", "fileSystemId", files)
        .some(({ props }) => list(props.backupPolicy)[0]?.status === "ENABLED");
      if (!automatic && stack.pointing("backup/selection", "resources", files).length === 0) {
        report(files, "Nothing backs the file system up.");
      }
    }
  },
});
