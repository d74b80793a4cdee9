import { type Bag, stackRule } from "../../rule";
import { isTrue, knownItems, knownValue, list } from "../../values";

export const rule = stackRule({
  name: "bucket-versioning",
  title: "Buckets keep former versions of their objects.",
  severity: "medium",
  ids: ["CKV_AWS_21", "NIST-S3BucketVersioningEnabled", "FSBP.S3.14"],
  why: "What is overwritten or deleted by mistake, or by an attacker, can be had back.",
  fix: 'Add an aws.s3.BucketVersioning with status "Enabled". Buckets of logs, which only grow, may have an exception.',
  kinds: ["s3/bucket"],
  parameters: { except: { type: "array", items: { type: "string" } } },
  checkStack: (stack, report, { settings }) => {
    const except: string[] = settings.except ?? ["log"];
    for (const bucket of stack.of("s3/bucket")) {
      if (except.some((word) => bucket.name.includes(word))) continue;
      const on = [
        ...stack
          .pointing("s3/bucketVersioning", "bucket", bucket)
          .map(({ props }) => list(props.versioningConfiguration)[0]?.status === "Enabled"),
        ...knownItems({ versioning: list(knownValue(bucket.props, "versioning")) }, "versioning").map((one) =>
          isTrue((one as Bag).enabled),
        ),
      ];
      if (!on.includes(true)) report(bucket, "What is overwritten is gone.");
    }
  },
});
