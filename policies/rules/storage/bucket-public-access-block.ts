import { stackRule } from "../../rule";
import { isTrue, knownValue } from "../../values";

const SWITCHES = ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"];

export const rule = stackRule({
  name: "bucket-public-access-block",
  title: "Every bucket blocks public access in all four ways.",
  severity: "critical",
  ids: [
    "CKV_AWS_53",
    "CKV_AWS_54",
    "CKV_AWS_55",
    "CKV_AWS_56",
    "CKV2_AWS_6",
    "AwsSolutions-S2",
    "FSBP.S3.1",
    "FSBP.S3.8",
    "CIS.2.1.4",
  ],
  why: "One careless policy or ACL later opens the bucket to the world; the block stands above them.",
  fix: "Add an aws.s3.BucketPublicAccessBlock with all four switches on.",
  kinds: ["s3/bucket"],
  checkStack: (stack, report) => {
    for (const bucket of stack.of("s3/bucket")) {
      const blocks = stack.pointing("s3/bucketPublicAccessBlock", "bucket", bucket);
      const open = SWITCHES.filter((name) => !blocks.some(({ props }) => isTrue(knownValue(props, name))));
      if (blocks.length === 0) report(bucket, "The bucket has no public access block.");
      else if (open.length > 0) report(bucket, `The public access block leaves ${open.join(", ")} off.`);
    }
  },
});
