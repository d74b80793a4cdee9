import { ref, ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./bucket-lifecycle";

export const examples = ruleTest(rule, {
  violating: {
    none: [sample("s3/bucket", "files", {})],
    "former versions forgotten": [
      sample("s3/bucket", "files", {}),
      sample("s3/bucketVersioning", "files", {
        bucket: ref("files"),
        versioningConfiguration: { status: "Enabled" },
      }),
      sample("s3/bucketLifecycleConfiguration", "files", {
        bucket: ref("files"),
        rules: [
          {
            id: "uploads",
            status: "Enabled",
            filter: {},
            abortIncompleteMultipartUpload: { daysAfterInitiation: 3 },
          },
        ],
      }),
    ],
  },
  compliant: {
    both: [
      sample("s3/bucket", "files", {}),
      sample("s3/bucketVersioning", "files", {
        bucket: ref("files"),
        versioningConfiguration: { status: "Enabled" },
      }),
      sample("s3/bucketLifecycleConfiguration", "files", {
        bucket: ref("files"),
        rules: [
          {
            id: "tidy",
            status: "Enabled",
            filter: {},
            abortIncompleteMultipartUpload: { daysAfterInitiation: 3 },
            noncurrentVersionExpiration: { noncurrentDays: 90 },
          },
        ],
      }),
    ],
  },
});
