import { type Bag, stackRule } from "../../rule";
import { given, knownValue } from "../../values";
import { isWorld } from "../shared/ports";

export const rule = stackRule({
  name: "vpn-routes-stay-private",
  title: "Routes of the VPN reach route tables that have no way to the internet.",
  severity: "medium",
  ids: [],
  why: "In a public route table the office's network becomes reachable from machines that face the internet.",
  fix: "Propagate the VPN gateway's routes to private route tables only.",
  kinds: ["ec2/vpnGatewayRoutePropagation"],
  checkStack: (stack, report) => {
    for (const propagation of stack.of("ec2/vpnGatewayRoutePropagation")) {
      const open = stack
        .targets(propagation, "routeTableId", "ec2/routeTable")
        .some((table) =>
          stack
            .pointing("ec2/route", "routeTableId", table)
            .some((route) => given(route.props, "gatewayId") && isWorldRoute(route.props)),
        );
      if (open) report(propagation, "The route table also leads to the internet gateway.");
    }
  },
});

const isWorldRoute = (props: Bag): boolean =>
  [knownValue(props, "destinationCidrBlock"), knownValue(props, "destinationIpv6CidrBlock")].some(
    (cidr) => typeof cidr === "string" && isWorld(cidr),
  );
