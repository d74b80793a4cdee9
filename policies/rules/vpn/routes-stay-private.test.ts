import { ref, ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./routes-stay-private";

export const examples = ruleTest(rule, {
  violating: {
    "to a public table": [
      sample("ec2/routeTable", "public", { vpcId: "vpc-12345678" }),
      sample("ec2/route", "out", {
        routeTableId: ref("public"),
        destinationCidrBlock: "0.0.0.0/0",
        gatewayId: "igw-12345678",
      }),
      sample("ec2/vpnGatewayRoutePropagation", "office", {
        routeTableId: ref("public"),
        vpnGatewayId: "vgw-12345678",
      }),
    ],
  },
  compliant: {
    "to a private table": [
      sample("ec2/routeTable", "private", { vpcId: "vpc-12345678" }),
      sample("ec2/route", "out", {
        routeTableId: ref("private"),
        destinationCidrBlock: "0.0.0.0/0",
        natGatewayId: "nat-12345678",
      }),
      sample("ec2/vpnGatewayRoutePropagation", "office", {
        routeTableId: ref("private"),
        vpnGatewayId: "vgw-12345678",
      }),
    ],
  },
});
