import { ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./tunnel-logs";

export const examples = ruleTest(rule, {
  violating: {
    "as AWS has it": [
      sample("ec2/vpnConnection", "office", {
        customerGatewayId: "cgw-12345678",
        type: "ipsec.1",
        vpnGatewayId: "vgw-12345678",
      }),
    ],
  },
  compliant: {
    "both tunnels": [
      sample("ec2/vpnConnection", "office", {
        customerGatewayId: "cgw-12345678",
        type: "ipsec.1",
        vpnGatewayId: "vgw-12345678",
        tunnel1LogOptions: {
          cloudwatchLogOptions: {
            logEnabled: true,
            logGroupArn: "arn:aws:logs:eu-central-1:123456789012:log-group:vpn",
          },
        },
        tunnel2LogOptions: {
          cloudwatchLogOptions: {
            logEnabled: true,
            logGroupArn: "arn:aws:logs:eu-central-1:123456789012:log-group:vpn",
          },
        },
      }),
    ],
  },
});
