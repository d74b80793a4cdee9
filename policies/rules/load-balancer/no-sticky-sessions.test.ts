import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./no-sticky-sessions";

export const examples = ruleTest(rule, {
  violating: {
    "a cookie of the load balancer": [
      sample("lb/targetGroup", "web", {
        port: 8080,
        protocol: "HTTP",
        vpcId: "vpc-12345678",
        stickiness: { type: "lb_cookie", enabled: true },
      }),
    ],
  },
  compliant: {
    off: [
      sample("lb/targetGroup", "web", {
        port: 8080,
        protocol: "HTTP",
        vpcId: "vpc-12345678",
        stickiness: { type: "lb_cookie", enabled: false },
      }),
    ],
  },
});
