import { ref, ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./file-system-backups";

export const examples = ruleTest(rule, {
  violating: { none: [sample("efs/fileSystem", "share", { encrypted: true })] },
  compliant: {
    automatic: [
      sample("efs/fileSystem", "share", { encrypted: true }),
      sample("efs/backupPolicy", "share", {
        fileSystemId: ref("share"),
        backupPolicy: { status: "ENABLED" },
      }),
    ],
  },
});
