import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./keys-rotate-and-stay-apart";

export const examples = ruleTest(rule, {
  violating: {
    "does not rotate": [sample("kms/key", "data", { description: "data" })],
    "decrypts everything": [
      sample("iam/policy", "reader", {
        policy: JSON.stringify({
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", Action: "kms:Decrypt", Resource: "*" }],
        }),
      }),
    ],
  },
  compliant: {
    rotates: [sample("kms/key", "data", { description: "data", enableKeyRotation: true })],
    "one key": [
      sample("iam/policy", "reader", {
        policy: JSON.stringify({
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Action: "kms:Decrypt",
              Resource: "arn:aws:kms:eu-central-1:123456789012:key/1a2b3c4d-1a2b-1a2b-1a2b-1a2b3c4d5e6f",
            },
          ],
        }),
      }),
    ],
  },
});
