import { ref, ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./bucket-versioning";

export const examples = ruleTest(rule, {
  violating: { off: [sample("s3/bucket", "files", {})] },
  compliant: {
    on: [
      sample("s3/bucket", "files", {}),
      sample("s3/bucketVersioning", "files", {
        bucket: ref("files"),
        versioningConfiguration: { status: "Enabled" },
      }),
    ],
  },
});
