import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./search-access-control";

export const examples = ruleTest(rule, {
  violating: {
    "no users": [sample("opensearch/domain", "logs", { engineVersion: "OpenSearch_2.19" })],
    "open to all": [
      sample("opensearch/domainPolicy", "logs", {
        domainName: "logs",
        accessPolicies: JSON.stringify({
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", Principal: { AWS: "*" }, Action: "es:*", Resource: "*" }],
        }),
      }),
    ],
  },
  compliant: {
    users: [
      sample("opensearch/domain", "logs", {
        engineVersion: "OpenSearch_2.19",
        advancedSecurityOptions: {
          enabled: true,
          masterUserOptions: { masterUserArn: "arn:aws:iam::123456789012:role/logs" },
        },
        encryptAtRest: { enabled: true },
        nodeToNodeEncryption: { enabled: true },
        domainEndpointOptions: { enforceHttps: true },
      }),
    ],
  },
});
