import { stackRule } from "../../rule";
import { isUnknown } from "../../values";
import { refusesPlainText } from "../shared/documents";

export const rule = stackRule({
  name: "bucket-tls-only",
  title: "Buckets refuse whoever comes without TLS.",
  severity: "medium",
  ids: ["CKV_AWS_379", "AwsSolutions-S10", "FSBP.S3.5", "CIS.2.1.1"],
  why: "S3 answers plain HTTP as well, and signatures do not hide what is read.",
  fix: 'Add a bucket policy that denies s3:* to everyone where aws:SecureTransport is "false".',
  kinds: ["s3/bucket"],
  waits: "the text of a bucket's policy names the bucket, which this update creates",
  checkStack: (stack, report) => {
    const undecided: (() => boolean)[] = [];
    for (const bucket of stack.of("s3/bucket")) {
      const policies = stack.pointing("s3/bucketPolicy", "bucket", bucket);
      const refuses = () => policies.some(({ props }) => refusesPlainText(props.policy));
      if (policies.some(({ props }) => isUnknown(props, "policy"))) undecided.push(refuses);
      else if (!refuses()) report(bucket, "The bucket answers plain HTTP.");
    }
    // Last, so that one bucket that has to wait does not keep the others from being judged.
    for (const refuses of undecided) refuses();
  },
});
