import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./strict-requests";

export const examples = ruleTest(rule, {
  violating: {
    "as AWS has it": [sample("lb/loadBalancer", "web", { subnets: ["subnet-1a2b3c4d", "subnet-2a2b3c4d"] })],
    "only watched": [
      sample("lb/loadBalancer", "web", {
        subnets: ["subnet-1a2b3c4d", "subnet-2a2b3c4d"],
        dropInvalidHeaderFields: true,
        desyncMitigationMode: "monitor",
      }),
    ],
  },
  compliant: {
    strict: [
      sample("lb/loadBalancer", "web", {
        subnets: ["subnet-1a2b3c4d", "subnet-2a2b3c4d"],
        dropInvalidHeaderFields: true,
      }),
    ],
  },
});
