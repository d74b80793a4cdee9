import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./roles-trust-whom-they-name";

const role = (statement: object) =>
  sample("iam/role", "ci", {
    assumeRolePolicy: JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", ...statement }],
    }),
  });

const ISSUER = "token.actions.githubusercontent.com";
const github = (condition: object) =>
  role({
    Action: "sts:AssumeRoleWithWebIdentity",
    Principal: { Federated: `arn:aws:iam::123456789012:oidc-provider/${ISSUER}` },
    Condition: condition,
  });
const audience = { [`${ISSUER}:aud`]: "sts.amazonaws.com" };

export const examples = ruleTest(rule, {
  violating: {
    everybody: [role({ Action: "sts:AssumeRole", Principal: { AWS: "*" } })],
    "every repository": [github({ StringEquals: audience })],
    "every repository, by a star": [github({ StringLike: { ...audience, [`${ISSUER}:sub`]: "repo:*" } })],
  },
  compliant: {
    "a service": [role({ Action: "sts:AssumeRole", Principal: { Service: "ec2.amazonaws.com" } })],
    "an environment of a repository": [
      github({ StringEquals: { ...audience, [`${ISSUER}:sub`]: "repo:example/shop:environment:prod" } }),
    ],
    "everybody of one's organisation": [
      role({
        Action: "sts:AssumeRole",
        Principal: { AWS: "*" },
        Condition: { StringEquals: { "aws:PrincipalOrgID": "o-1a2b3c4d5e" } },
      }),
    ],
  },
});
