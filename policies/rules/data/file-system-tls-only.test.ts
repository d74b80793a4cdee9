import { ref, ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./file-system-tls-only";

export const examples = ruleTest(rule, {
  violating: { "no policy": [sample("efs/fileSystem", "share", { encrypted: true })] },
  compliant: {
    refuses: [
      sample("efs/fileSystem", "share", { encrypted: true }),
      sample("efs/fileSystemPolicy", "share", {
        fileSystemId: ref("share"),
        policy: JSON.stringify({
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Deny",
              Principal: { AWS: "*" },
              Action: "*",
              Condition: { Bool: { "aws:SecureTransport": "false" } },
            },
          ],
        }),
      }),
    ],
  },
});
