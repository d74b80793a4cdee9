import { ref, ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./default-security-group-closed";

export const examples = ruleTest(rule, {
  violating: {
    "not managed": [sample("ec2/vpc", "main", { cidrBlock: "10.0.0.0/16" })],
    "managed and open": [
      sample("ec2/vpc", "main", { cidrBlock: "10.0.0.0/16" }),
      sample("ec2/defaultSecurityGroup", "default", {
        vpcId: ref("main"),
        ingress: [{ protocol: "-1", fromPort: 0, toPort: 0, self: true }],
      }),
    ],
  },
  compliant: {
    "managed and empty": [
      sample("ec2/vpc", "main", { cidrBlock: "10.0.0.0/16" }),
      sample("ec2/defaultSecurityGroup", "default", { vpcId: ref("main") }),
    ],
  },
});
