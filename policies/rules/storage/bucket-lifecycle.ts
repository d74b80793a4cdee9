import { stackRule } from "../../rule";
import { given, list } from "../../values";

export const rule = stackRule({
  name: "bucket-lifecycle",
  title: "Buckets clean up: unfinished uploads, and former versions where they are kept.",
  severity: "low",
  ids: ["CKV2_AWS_61", "CKV_AWS_300", "FSBP.S3.10", "FSBP.S3.13"],
  why: "Both are invisible in every listing and are paid for month after month.",
  fix: "Add an aws.s3.BucketLifecycleConfiguration with abortIncompleteMultipartUpload and noncurrentVersionExpiration.",
  kinds: ["s3/bucket"],
  checkStack: (stack, report) => {
    for (const bucket of stack.of("s3/bucket")) {
      const rules = stack
        .pointing("s3/bucketLifecycleConfiguration", "bucket", bucket)
        .flatMap(({ props }) => list(props.rules))
        .filter(({ status }) => status === "Enabled");
      if (!rules.some((one) => given(one, "abortIncompleteMultipartUpload"))) {
        report(bucket, "Unfinished uploads are never removed.");
      }
      const versioned = stack.pointing("s3/bucketVersioning", "bucket", bucket).length > 0;
      const expires = rules.some(
        (one) => given(one, "noncurrentVersionExpiration") || given(one, "noncurrentVersionTransitions"),
      );
      if (versioned && !expires) report(bucket, "Former versions are kept for ever.");
    }
  },
});
