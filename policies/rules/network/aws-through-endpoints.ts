import { stackRule } from "../../rule";
import { isUnknown } from "../../values";

const NEEDED = ["ssm", "ssmmessages"];

export const rule = stackRule({
  name: "aws-through-endpoints",
  title:
    "A VPC without a way to the internet reaches SSM, and image repositories where it uses them, through endpoints.",
  severity: "low",
  ids: ["FSBP.EC2.55", "FSBP.EC2.56", "FSBP.EC2.57", "FSBP.EC2.58", "FSBP.EC2.60"],
  why: "Machines in it can neither be administered nor fetch anything.",
  fix: "Add aws.ec2.VpcEndpoint of type Interface for what is missing.",
  kinds: ["ec2/vpc"],
  checkStack: (stack, report) => {
    const needed = stack.of("ecr/repository").length > 0 ? [...NEEDED, "ecr.api", "ecr.dkr"] : NEEDED;
    for (const vpc of stack.of("ec2/vpc")) {
      const wayOut =
        stack.pointing(["ec2/internetGateway", "ec2/internetGatewayAttachment"], "vpcId", vpc).length > 0;
      const machines = stack.of("autoscaling/group", "ec2/instance").length > 0;
      if (wayOut || !machines || stack.pointing("ec2/subnet", "vpcId", vpc).length === 0) continue;
      const endpoints = stack.pointing("ec2/vpcEndpoint", "vpcId", vpc);
      if (endpoints.some(({ props }) => isUnknown(props, "serviceName"))) continue;
      const missing = needed.filter(
        (name) => !endpoints.some(({ props }) => String(props.serviceName).endsWith(`.${name}`)),
      );
      if (missing.length > 0) report(vpc, `There is no endpoint for ${missing.join(", ")}.`);
    }
  },
});
