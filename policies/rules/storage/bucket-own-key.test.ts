import { ref, ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./bucket-own-key";

export const examples = ruleTest(rule, {
  violating: { "as AWS has it": [sample("s3/bucket", "files", {})] },
  compliant: {
    "a key of its own": [
      sample("s3/bucket", "files", {}),
      sample("s3/bucketServerSideEncryptionConfiguration", "files", {
        bucket: ref("files"),
        rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms" }, bucketKeyEnabled: true }],
      }),
    ],
  },
});
