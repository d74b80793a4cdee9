import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./access-logs";

export const examples = ruleTest(rule, {
  violating: { off: [sample("lb/loadBalancer", "web", { subnets: ["subnet-1a2b3c4d", "subnet-2a2b3c4d"] })] },
  compliant: {
    on: [
      sample("lb/loadBalancer", "web", {
        subnets: ["subnet-1a2b3c4d", "subnet-2a2b3c4d"],
        accessLogs: { enabled: true, bucket: "logs-of-the-shop" },
      }),
    ],
  },
});
