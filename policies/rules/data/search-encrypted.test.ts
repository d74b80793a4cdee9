import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./search-encrypted";

export const examples = ruleTest(rule, {
  violating: { neither: [sample("opensearch/domain", "logs", { engineVersion: "OpenSearch_2.19" })] },
  compliant: {
    both: [
      sample("opensearch/domain", "logs", {
        engineVersion: "OpenSearch_2.19",
        encryptAtRest: { enabled: true },
        nodeToNodeEncryption: { enabled: true },
      }),
    ],
  },
});
