import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./load-balancer-health";

export const examples = ruleTest(rule, {
  violating: {
    "EC2's own check": [
      sample("autoscaling/group", "web", {
        maxSize: 4,
        minSize: 2,
        vpcZoneIdentifiers: ["subnet-1a2b3c4d", "subnet-2a2b3c4d"],
        launchTemplate: { id: "lt-0123456789abcdef0", version: "1" },
        targetGroupArns: [
          "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/web/0123456789abcdef",
        ],
        healthCheckType: "EC2",
      }),
    ],
  },
  compliant: {
    "the load balancer's": [
      sample("autoscaling/group", "web", {
        maxSize: 4,
        minSize: 2,
        vpcZoneIdentifiers: ["subnet-1a2b3c4d", "subnet-2a2b3c4d"],
        launchTemplate: { id: "lt-0123456789abcdef0", version: "1" },
        targetGroupArns: [
          "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/web/0123456789abcdef",
        ],
        healthCheckType: "ELB",
      }),
    ],
  },
});
