import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./health-checks";

export const examples = ruleTest(rule, {
  violating: {
    none: [sample("lb/targetGroup", "web", { port: 8080, protocol: "HTTP", vpcId: "vpc-12345678" })],
    "without a path": [
      sample("lb/targetGroup", "web", {
        port: 8080,
        protocol: "HTTP",
        vpcId: "vpc-12345678",
        healthCheck: { interval: 10 },
      }),
    ],
  },
  compliant: {
    "with a path": [
      sample("lb/targetGroup", "web", {
        port: 8080,
        protocol: "HTTP",
        vpcId: "vpc-12345678",
        healthCheck: { path: "/healthz" },
      }),
    ],
  },
});
