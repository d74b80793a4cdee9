import { resourceRule } from "../../rule";

export const rule = resourceRule({
  name: "no-default-vpc",
  title: "Nothing is built in the region's default VPC.",
  severity: "medium",
  ids: ["CKV_AWS_148", "NIST-EC2InstancesInVPC"],
  why: "All of its subnets are public, and its addresses are the same in every account, so it can be joined to nothing.",
  fix: "Use a VPC of your own, such as Network.",
  kinds: ["ec2/defaultVpc", "ec2/defaultSubnet"],
  check: (_, report) => report("The default VPC is taken into use."),
});
