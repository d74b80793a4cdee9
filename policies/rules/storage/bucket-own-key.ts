import { stackRule } from "../../rule";
import { list } from "../../values";

export const rule = stackRule({
  name: "bucket-own-key",
  title: "Buckets are encrypted with a key of the account's own.",
  severity: "low",
  level: "disabled",
  ids: ["CKV_AWS_145", "NIST-S3DefaultEncryptionKMS", "FSBP.S3.17"],
  why: "A key of one's own can be taken away and its use is recorded. It is off by default: S3 encrypts everything anyway, each request costs, and load balancers cannot write logs to such a bucket.",
  fix: 'Add an aws.s3.BucketServerSideEncryptionConfiguration with sseAlgorithm "aws:kms" and bucketKeyEnabled.',
  kinds: ["s3/bucket"],
  checkStack: (stack, report) => {
    for (const bucket of stack.of("s3/bucket")) {
      const rules = stack
        .pointing("s3/bucketServerSideEncryptionConfiguration", "bucket", bucket)
        .flatMap(({ props }) => list(props.rules));
      const own = rules.some((one) =>
        /^aws:kms/.test(String(list(one.applyServerSideEncryptionByDefault)[0]?.sseAlgorithm)),
      );
      if (!own) report(bucket, "The bucket is encrypted with a key of AWS.");
    }
  },
});
