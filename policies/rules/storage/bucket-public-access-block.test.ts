import { ref, ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./bucket-public-access-block";

export const examples = ruleTest(rule, {
  violating: {
    none: [sample("s3/bucket", "files", {})],
    half: [
      sample("s3/bucket", "files", {}),
      sample("s3/bucketPublicAccessBlock", "files", {
        bucket: ref("files"),
        blockPublicAcls: true,
        blockPublicPolicy: true,
      }),
    ],
  },
  compliant: {
    "all four": [
      sample("s3/bucket", "files", {}),
      sample("s3/bucketPublicAccessBlock", "files", {
        bucket: ref("files"),
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      }),
    ],
  },
});
