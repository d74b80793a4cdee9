import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./current-tls";

export const examples = ruleTest(rule, {
  violating: {
    "the default policy of 2016": [
      sample("lb/listener", "https", {
        loadBalancerArn:
          "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/shop/0123456789abcdef",
        port: 443,
        protocol: "HTTPS",
        sslPolicy: "ELBSecurityPolicy-2016-08",
        certificateArn: "arn:aws:acm:eu-central-1:123456789012:certificate/1",
        defaultActions: [
          { type: "fixed-response", fixedResponse: { contentType: "text/plain", statusCode: "200" } },
        ],
      }),
    ],
  },
  compliant: {
    "TLS 1.3 with 1.2": [
      sample("lb/listener", "https", {
        loadBalancerArn:
          "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/shop/0123456789abcdef",
        port: 443,
        protocol: "HTTPS",
        sslPolicy: "ELBSecurityPolicy-TLS13-1-2-2021-06",
        certificateArn: "arn:aws:acm:eu-central-1:123456789012:certificate/1",
        defaultActions: [
          { type: "fixed-response", fixedResponse: { contentType: "text/plain", statusCode: "200" } },
        ],
      }),
    ],
  },
});
