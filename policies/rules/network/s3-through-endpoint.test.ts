import { ref, ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./s3-through-endpoint";

export const examples = ruleTest(rule, {
  violating: {
    "subnets and no endpoint": [
      sample("ec2/vpc", "main", { cidrBlock: "10.0.0.0/16" }),
      sample("ec2/subnet", "a", { vpcId: ref("main"), cidrBlock: "10.0.0.0/24" }),
    ],
  },
  compliant: {
    "with the endpoint": [
      sample("ec2/vpc", "main", { cidrBlock: "10.0.0.0/16" }),
      sample("ec2/subnet", "a", { vpcId: ref("main"), cidrBlock: "10.0.0.0/24" }),
      sample("ec2/vpcEndpoint", "s3", { vpcId: ref("main"), serviceName: "com.amazonaws.eu-central-1.s3" }),
    ],
  },
});
