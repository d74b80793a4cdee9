import type { ConnectionData } from "./connection-data";
import { connectionName, interfaceId } from "./strongswan";

/**
 * Run by strongSwan when a tunnel comes and goes. The interface stays, the routes go with the tunnel: those of the second have
 * the higher metric, so that it takes over the moment the first one's are gone.
 */
export function routeScript(data: ConnectionData): string {
  const { vpcCidr, routing, tunnels } = data;
  const cases = tunnels.flatMap((tunnel) => [
    `  ${connectionName(data, tunnel)})`,
    `    interface=rvpn${(interfaceId(data, tunnel) % 0xffffff).toString(16)}`,
    `    id=${interfaceId(data, tunnel)}`,
    `    address=${tunnel.insideDevice}/${tunnel.insidePrefix}`,
    `    metric=${100 * tunnel.number}`,
    `    mss=${tunnel.mss} ;;`,
  ]);
  // With BGP the routes are for the routing daemon to set.
  const routes = routing === "static" ? [vpcCidr] : [];
  const route = (verb: string) =>
    routes.map(
      (cidr) =>
        `    ip route ${verb} ${cidr} dev "$interface" metric "$metric"${verb === "del" ? " 2>/dev/null || true" : ""}`,
    );
  return [
    "#!/bin/sh",
    "# Written by `retrofit vpn config`. Write it anew after a change instead of editing it.",
    "set -eu",
    'case "$PLUTO_CONNECTION" in',
    ...cases,
    "  *) exit 0 ;;",
    "esac",
    'case "$PLUTO_VERB" in',
    "  up-client)",
    '    ip link show "$interface" >/dev/null 2>&1 || ip link add "$interface" type xfrm dev lo if_id "$id"',
    '    ip address replace "$address" dev "$interface"',
    '    ip link set "$interface" mtu "$((mss + 40))" up',
    "    # Answers may come through the other tunnel.",
    '    sysctl -qw "net.ipv4.conf.$interface.rp_filter=2" net.ipv4.ip_forward=1',
    ...route("replace"),
    '    rule="-o $interface -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss $mss"',
    "    # shellcheck disable=SC2086",
    "    iptables -t mangle -C FORWARD $rule 2>/dev/null || iptables -t mangle -A FORWARD $rule ;;",
    "  down-client)",
    ...route("del"),
    "    ;;",
    "esac",
    "",
  ].join("\n");
}
