import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./no-automatic-public-addresses";

export const examples = ruleTest(rule, {
  violating: {
    "public addresses by default": [
      sample("ec2/subnet", "a", {
        vpcId: "vpc-12345678",
        cidrBlock: "10.0.0.0/24",
        mapPublicIpOnLaunch: true,
      }),
    ],
  },
  compliant: { without: [sample("ec2/subnet", "a", { vpcId: "vpc-12345678", cidrBlock: "10.0.0.0/24" })] },
});
