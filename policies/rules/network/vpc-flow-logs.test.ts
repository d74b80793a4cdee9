import { ref, ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./vpc-flow-logs";

export const examples = ruleTest(rule, {
  violating: { "a VPC alone": [sample("ec2/vpc", "main", { cidrBlock: "10.0.0.0/16" })] },
  compliant: {
    "a VPC with a flow log": [
      sample("ec2/vpc", "main", { cidrBlock: "10.0.0.0/16" }),
      sample("ec2/flowLog", "flow", {
        vpcId: ref("main"),
        trafficType: "ALL",
        logDestinationType: "s3",
        logDestination: "arn:aws:s3:::logs-of-the-network",
      }),
    ],
  },
});
