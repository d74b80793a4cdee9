import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./ikev2-only";

export const examples = ruleTest(rule, {
  violating: {
    "as AWS has it": [
      sample("ec2/vpnConnection", "office", {
        customerGatewayId: "cgw-12345678",
        type: "ipsec.1",
        vpnGatewayId: "vgw-12345678",
      }),
    ],
    "one tunnel forgotten": [
      sample("ec2/vpnConnection", "office", {
        customerGatewayId: "cgw-12345678",
        type: "ipsec.1",
        vpnGatewayId: "vgw-12345678",
        tunnel1IkeVersions: ["ikev2"],
      }),
    ],
  },
  compliant: {
    "both tunnels": [
      sample("ec2/vpnConnection", "office", {
        customerGatewayId: "cgw-12345678",
        type: "ipsec.1",
        vpnGatewayId: "vgw-12345678",
        tunnel1IkeVersions: ["ikev2"],
        tunnel2IkeVersions: ["ikev2"],
      }),
    ],
  },
});
