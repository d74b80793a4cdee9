import { ref, ruleTest, sample } from "../../testing/rule-test";
import { rule } from "./tunnel-alarms";

export const examples = ruleTest(rule, {
  violating: {
    "no alarm": [
      sample("ec2/vpnConnection", "office", {
        customerGatewayId: "cgw-12345678",
        type: "ipsec.1",
        vpnGatewayId: "vgw-12345678",
      }),
    ],
  },
  compliant: {
    "one for each tunnel": [
      sample("ec2/vpnConnection", "office", {
        customerGatewayId: "cgw-12345678",
        type: "ipsec.1",
        vpnGatewayId: "vgw-12345678",
      }),
      ...["tunnel1Address", "tunnel2Address"].map((address) =>
        sample("cloudwatch/metricAlarm", address, {
          namespace: "AWS/VPN",
          metricName: "TunnelState",
          dimensions: { VpnId: ref("office"), TunnelIpAddress: ref("office", address) },
          comparisonOperator: "LessThanThreshold",
          evaluationPeriods: 3,
          threshold: 1,
          period: 60,
          statistic: "Maximum",
        }),
      ),
    ],
  },
});
