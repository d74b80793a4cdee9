import { resourceRule } from "../../rule";
import { isTrue, list } from "../../values";
import { tunnels } from "../shared/vpn";

export const rule = resourceRule({
  name: "vpn-tunnel-logs",
  title: "Both VPN tunnels write their log to CloudWatch.",
  severity: "medium",
  ids: ["FSBP.EC2.171"],
  why: "Without it nobody can tell why a tunnel is down: the other end of the negotiation is not visible.",
  fix: "Set tunnel1LogOptions and tunnel2LogOptions with cloudwatchLogOptions.",
  kinds: ["ec2/vpnConnection"],
  check: ({ props }, report) => {
    for (const [number, tunnel] of tunnels(props)) {
      const [options] = list(tunnel("LogOptions"));
      const [log] = list(options?.cloudwatchLogOptions);
      if (!log || !isTrue(log.logEnabled)) report(`Tunnel ${number} writes no log.`);
    }
  },
});
