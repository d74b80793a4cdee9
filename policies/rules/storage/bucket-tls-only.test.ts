import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./bucket-tls-only";

export const examples = ruleTest(rule, {
  violating: { "no policy": [sample("s3/bucket", "files", {})] },
  compliant: {
    refuses: [
      sample("s3/bucket", "files", { bucket: "files-of-the-shop" }),
      sample("s3/bucketPolicy", "files", {
        bucket: "files-of-the-shop",
        policy: JSON.stringify({
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Deny",
              Principal: "*",
              Action: "s3:*",
              Resource: ["arn:aws:s3:::files-of-the-shop", "arn:aws:s3:::files-of-the-shop/*"],
              Condition: { Bool: { "aws:SecureTransport": "false" } },
            },
          ],
        }),
      }),
    ],
  },
});
