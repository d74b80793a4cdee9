import { ref, ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./web-application-firewall";

export const examples = ruleTest(rule, {
  violating: {
    none: [sample("lb/loadBalancer", "web", { subnets: ["subnet-1a2b3c4d", "subnet-2a2b3c4d"] })],
  },
  compliant: {
    "with one": [
      sample("lb/loadBalancer", "web", { subnets: ["subnet-1a2b3c4d", "subnet-2a2b3c4d"] }),
      sample("wafv2/webAclAssociation", "web", {
        resourceArn: ref("web", "arn"),
        webAclArn:
          "arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/shop/1a2b3c4d-1a2b-1a2b-1a2b-1a2b3c4d5e6f",
      }),
    ],
    inside: [
      sample("lb/loadBalancer", "inside", {
        internal: true,
        subnets: ["subnet-1a2b3c4d", "subnet-2a2b3c4d"],
      }),
    ],
  },
});
