import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./http-only-redirects";

export const examples = ruleTest(rule, {
  violating: {
    "serves in the clear": [
      sample("lb/listener", "http", {
        loadBalancerArn:
          "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/shop/0123456789abcdef",
        port: 80,
        protocol: "HTTP",
        defaultActions: [
          { type: "fixed-response", fixedResponse: { contentType: "text/plain", statusCode: "200" } },
        ],
      }),
    ],
  },
  compliant: {
    redirects: [
      sample("lb/listener", "http", {
        loadBalancerArn:
          "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/shop/0123456789abcdef",
        port: 80,
        protocol: "HTTP",
        defaultActions: [
          { type: "redirect", redirect: { protocol: "HTTPS", port: "443", statusCode: "HTTP_301" } },
        ],
      }),
    ],
  },
});
