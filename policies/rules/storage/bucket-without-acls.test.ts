import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./bucket-without-acls";

export const examples = ruleTest(rule, {
  violating: {
    public: [sample("s3/bucketAcl", "files", { bucket: "files-of-the-shop", acl: "public-read" })],
    "ACLs count": [
      sample("s3/bucketOwnershipControls", "files", {
        bucket: "files-of-the-shop",
        rule: { objectOwnership: "ObjectWriter" },
      }),
    ],
  },
  compliant: {
    "ACLs are off": [
      sample("s3/bucketOwnershipControls", "files", {
        bucket: "files-of-the-shop",
        rule: { objectOwnership: "BucketOwnerEnforced" },
      }),
    ],
  },
});
