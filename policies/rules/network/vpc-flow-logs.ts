import { stackRule } from "../../rule";

export const rule = stackRule({
  name: "vpc-flow-logs",
  title: "Every VPC records its traffic in a flow log.",
  severity: "medium",
  ids: ["CKV2_AWS_11", "AwsSolutions-VPC7", "FSBP.EC2.6", "CIS.3.7"],
  why: "After an incident, flow logs are the only record of who talked to whom.",
  fix: "Add an aws.ec2.FlowLog with the VPC's id as vpcId.",
  kinds: ["ec2/vpc"],
  checkStack: (stack, report) => {
    for (const vpc of stack.of("ec2/vpc")) {
      if (stack.pointing("ec2/flowLog", "vpcId", vpc).length === 0) report(vpc, "The VPC has no flow log.");
    }
  },
});
