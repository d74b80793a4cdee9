import { stackRule } from "../../rule";
import { isTrue, knownValue } from "../../values";

export const rule = stackRule({
  name: "backups-out-of-reach",
  title: "In prod-like environments buckets of backups are locked or copied to another region.",
  severity: "medium",
  only: "protected",
  ids: ["CKV_AWS_143", "CKV_AWS_144", "NIST-S3BucketReplicationEnabled", "FSBP.S3.15", "FSBP.S3.7"],
  why: "Whoever gets into the account deletes the backups first.",
  fix: "Set objectLockEnabled, or add an aws.s3.BucketReplicationConfig to a bucket in another region.",
  kinds: ["s3/bucket"],
  parameters: { words: { type: "array", items: { type: "string" } } },
  checkStack: (stack, report, { settings }) => {
    const words: string[] = settings.words ?? ["backup", "snapshot", "compliance"];
    for (const bucket of stack
      .of("s3/bucket")
      .filter(({ name }) => words.some((word) => name.includes(word)))) {
      const locked = isTrue(knownValue(bucket.props, "objectLockEnabled"));
      const copied = stack.pointing("s3/bucketReplicationConfig", "bucket", bucket).length > 0;
      if (!locked && !copied) report(bucket, "The backups can be deleted, and there is no copy.");
    }
  },
});
