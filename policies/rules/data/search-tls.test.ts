import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./search-tls";

export const examples = ruleTest(rule, {
  violating: {
    "the default": [sample("opensearch/domain", "logs", { engineVersion: "OpenSearch_2.19" })],
    "an old policy": [
      sample("opensearch/domain", "logs", {
        engineVersion: "OpenSearch_2.19",
        domainEndpointOptions: { enforceHttps: true, tlsSecurityPolicy: "Policy-Min-TLS-1-0-2019-07" },
      }),
    ],
  },
  compliant: {
    "TLS 1.2": [
      sample("opensearch/domain", "logs", {
        engineVersion: "OpenSearch_2.19",
        domainEndpointOptions: { enforceHttps: true, tlsSecurityPolicy: "Policy-Min-TLS-1-2-PFS-2023-10" },
      }),
    ],
  },
});
