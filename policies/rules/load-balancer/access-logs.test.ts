import { ref, ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./access-logs";

const subnets = ["subnet-1a2b3c4d", "subnet-2a2b3c4d"];
const network = (protocol: string, more = {}) => [
  sample("lb/loadBalancer", "net", { subnets, loadBalancerType: "network" }),
  sample("lb/listener", "door", {
    loadBalancerArn: ref("net", "arn"),
    port: 443,
    protocol,
    defaultActions: [
      {
        type: "forward",
        targetGroupArn:
          "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/shop/0123456789abcdef",
      },
    ],
    ...more,
  }),
];

export const examples = ruleTest(rule, {
  violating: {
    off: [sample("lb/loadBalancer", "web", { subnets })],
    "off, where TLS ends at a network load balancer": network("TLS", {
      certificateArn:
        "arn:aws:acm:eu-central-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef",
      sslPolicy: "ELBSecurityPolicy-TLS13-1-2-2021-06",
    }),
  },
  compliant: {
    on: [
      sample("lb/loadBalancer", "web", {
        subnets,
        accessLogs: { enabled: true, bucket: "logs-of-the-shop" },
      }),
    ],
    "a network load balancer that passes on what it cannot read": network("TCP"),
  },
});
