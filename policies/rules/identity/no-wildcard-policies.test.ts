import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./no-wildcard-policies";

export const examples = ruleTest(rule, {
  violating: {
    everything: [
      sample("iam/policy", "admin", {
        policy: JSON.stringify({
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
        }),
      }),
    ],
    "a whole service": [
      sample("iam/rolePolicy", "s3", {
        role: "web",
        policy: JSON.stringify({
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", Action: ["s3:*"], Resource: "*" }],
        }),
      }),
    ],
    "the managed one": [
      sample("iam/rolePolicyAttachment", "admin", {
        role: "web",
        policyArn: "arn:aws:iam::aws:policy/AdministratorAccess",
      }),
    ],
    "the one that makes administrators": [
      sample("iam/rolePolicyAttachment", "iam", {
        role: "web",
        policyArn: "arn:aws:iam::aws:policy/IAMFullAccess",
      }),
    ],
  },
  compliant: {
    named: [
      sample("iam/rolePolicy", "s3", {
        role: "web",
        policy: JSON.stringify({
          Version: "2012-10-17",
          Statement: [
            { Effect: "Allow", Action: ["s3:GetObject"], Resource: "arn:aws:s3:::files-of-the-shop/*" },
          ],
        }),
      }),
    ],
  },
});
