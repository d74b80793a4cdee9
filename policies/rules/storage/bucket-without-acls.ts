import { resourceRule } from "../../rule";
import { given, list } from "../../values";

export const rule = resourceRule({
  name: "bucket-without-acls",
  title: "Buckets are opened by policies only, not by ACLs.",
  severity: "medium",
  ids: ["CKV2_AWS_65", "CKV_AWS_20", "CKV_AWS_57", "CKV_AWS_375", "CKV2_AWS_43", "FSBP.S3.12"],
  why: "An ACL on a single object can make it public, and nobody sees it in a review.",
  fix: 'Remove the ACL and leave object ownership at "BucketOwnerEnforced".',
  kinds: ["s3/bucketAcl", "s3/bucketOwnershipControls", "s3/bucket", "s3/bucketObjectv2", "s3/bucketObject"],
  check: ({ kind, props }, report) => {
    if (kind === "s3/bucketOwnershipControls") {
      const ownership = list(props.rule)[0]?.objectOwnership;
      if (ownership !== "BucketOwnerEnforced") report(`Object ownership is ${ownership}: ACLs count.`);
      return;
    }
    if (given(props, "acl") && props.acl !== "private") report(`The ACL is ${props.acl}.`);
    if (kind === "s3/bucketAcl" && given(props, "accessControlPolicy"))
      report("An access control list is kept.");
  },
});
