import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./search-in-vpc";

export const examples = ruleTest(rule, {
  violating: { public: [sample("opensearch/domain", "logs", { engineVersion: "OpenSearch_2.19" })] },
  compliant: {
    "in a VPC": [
      sample("opensearch/domain", "logs", {
        engineVersion: "OpenSearch_2.19",
        vpcOptions: { subnetIds: ["subnet-1a2b3c4d"], securityGroupIds: ["sg-12345678"] },
      }),
    ],
  },
});
