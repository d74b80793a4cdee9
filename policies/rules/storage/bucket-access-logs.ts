import { stackRule } from "../../rule";

export const rule = stackRule({
  name: "bucket-access-logs",
  title: "Access to buckets is logged.",
  severity: "low",
  level: "disabled",
  ids: ["CKV_AWS_18", "AwsSolutions-S1", "FSBP.S3.9"],
  why: "It answers who read a file. It is off by default: CloudTrail's data events answer the same, with who it was, and logs of log buckets have no end.",
  fix: "Add an aws.s3.BucketLogging with a target bucket.",
  kinds: ["s3/bucket"],
  checkStack: (stack, report) => {
    for (const bucket of stack.of("s3/bucket")) {
      const isTarget = stack.pointing("s3/bucketLogging", "targetBucket", bucket).length > 0;
      if (!isTarget && stack.pointing("s3/bucketLogging", "bucket", bucket).length === 0)
        report(bucket, "Access is not logged.");
    }
  },
});
