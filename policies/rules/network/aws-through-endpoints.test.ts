import { ref, ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./aws-through-endpoints";

export const examples = ruleTest(rule, {
  violating: {
    "closed in": [
      sample("ec2/vpc", "main", { cidrBlock: "10.0.0.0/16" }),
      sample("ec2/subnet", "a", { vpcId: ref("main"), cidrBlock: "10.0.0.0/24" }),
      sample("ec2/instance", "pet", {
        ami: "ami-0123456789abcdef0",
        instanceType: "t3.small",
        subnetId: ref("a"),
      }),
    ],
  },
  compliant: {
    "with endpoints": [
      sample("ec2/vpc", "main", { cidrBlock: "10.0.0.0/16" }),
      sample("ec2/subnet", "a", { vpcId: ref("main"), cidrBlock: "10.0.0.0/24" }),
      sample("ec2/instance", "pet", {
        ami: "ami-0123456789abcdef0",
        instanceType: "t3.small",
        subnetId: ref("a"),
      }),
      ...["ssm", "ssmmessages", "ecr.api", "ecr.dkr"].map((name) =>
        sample("ec2/vpcEndpoint", name, {
          vpcId: ref("main"),
          vpcEndpointType: "Interface",
          serviceName: `com.amazonaws.eu-central-1.${name}`,
        }),
      ),
    ],
  },
});
