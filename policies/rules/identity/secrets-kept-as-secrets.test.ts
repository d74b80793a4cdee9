import { ref, ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./secrets-kept-as-secrets";

export const examples = ruleTest(rule, {
  violating: {
    "plain text": [sample("ssm/parameter", "db-password", { type: "String", value: "hunter2" })],
    "never rotated": [sample("secretsmanager/secret", "db", {})],
  },
  compliant: {
    "encrypted and rotated": [
      sample("ssm/parameter", "db-password", { type: "SecureString", value: "hunter2" }),
      sample("secretsmanager/secret", "db", {}),
      sample("secretsmanager/secretRotation", "db", {
        secretId: ref("db"),
        rotationLambdaArn: "arn:aws:lambda:eu-central-1:123456789012:function:rotate",
        rotationRules: { automaticallyAfterDays: 30 },
      }),
    ],
  },
});
