import { stackRule } from "../../rule";
import { knownValue, raw } from "../../values";

export const rule = stackRule({
  name: "vpn-tunnel-alarms",
  title: "Every VPN connection has an alarm for each tunnel.",
  severity: "medium",
  ids: ["FSBP.EC2.20"],
  why: "A connection works on one tunnel without anybody noticing, until that one fails as well.",
  fix: "Add two aws.cloudwatch.MetricAlarm on AWS/VPN TunnelState, one for each tunnel's address.",
  kinds: ["ec2/vpnConnection"],
  checkStack: (stack, report) => {
    for (const vpn of stack.of("ec2/vpnConnection")) {
      const alarms = stack
        .of("cloudwatch/metricAlarm")
        .filter(
          ({ props }) =>
            knownValue(props, "namespace") === "AWS/VPN" && knownValue(props, "metricName") === "TunnelState",
        )
        .filter(
          (alarm) =>
            stack.refers(alarm, "dimensions", vpn) ||
            Object.values(raw(alarm.props).dimensions ?? {}).includes(knownValue(vpn.props, "id")),
        );
      if (alarms.length < 2) report(vpn, `${alarms.length} of 2 tunnels have an alarm on TunnelState.`);
    }
  },
});
