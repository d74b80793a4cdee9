import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./no-users";

export const examples = ruleTest(rule, {
  violating: {
    "a user": [sample("iam/user", "ci", {})],
    "a key": [sample("iam/accessKey", "ci", { user: "ci" })],
  },
  compliant: {
    "a role": [
      sample("iam/role", "ci", {
        assumeRolePolicy: JSON.stringify({
          Version: "2012-10-17",
          Statement: [
            { Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "ec2.amazonaws.com" } },
          ],
        }),
      }),
    ],
  },
});
