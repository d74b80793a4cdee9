import { ref, ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./bucket-access-logs";

export const examples = ruleTest(rule, {
  violating: { none: [sample("s3/bucket", "files", {})] },
  compliant: {
    "logged, and the log's own bucket": [
      sample("s3/bucket", "files", {}),
      sample("s3/bucket", "log", {}),
      sample("s3/bucketLogging", "files", {
        bucket: ref("files"),
        targetBucket: ref("log"),
        targetPrefix: "files/",
      }),
    ],
  },
});
