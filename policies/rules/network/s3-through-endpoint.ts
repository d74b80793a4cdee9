import { stackRule } from "../../rule";
import { isUnknown } from "../../values";

export const rule = stackRule({
  name: "s3-through-endpoint",
  title: "Every VPC with private subnets reaches S3 through a gateway endpoint.",
  severity: "low",
  ids: ["FSBP.EC2.10"],
  why: "The endpoint costs nothing, keeps the traffic off the internet, and NAT gateways charge for each gigabyte.",
  fix: "Add an aws.ec2.VpcEndpoint for com.amazonaws.<region>.s3 of type Gateway.",
  kinds: ["ec2/vpc"],
  checkStack: (stack, report) => {
    for (const vpc of stack.of("ec2/vpc")) {
      if (stack.pointing("ec2/subnet", "vpcId", vpc).length === 0) continue;
      const endpoints = stack.pointing("ec2/vpcEndpoint", "vpcId", vpc);
      const s3 = endpoints.some(
        ({ props }) => isUnknown(props, "serviceName") || /\.s3$/.test(String(props.serviceName)),
      );
      if (!s3) report(vpc, "The VPC has no gateway endpoint for S3.");
    }
  },
});
