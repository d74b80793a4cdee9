import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./two-zones";

export const examples = ruleTest(rule, {
  violating: {
    "one subnet": [
      sample("lb/loadBalancer", "web", { loadBalancerType: "network", subnets: ["subnet-1a2b3c4d"] }),
    ],
  },
  compliant: {
    two: [sample("lb/loadBalancer", "web", { subnets: ["subnet-1a2b3c4d", "subnet-2a2b3c4d"] })],
  },
});
