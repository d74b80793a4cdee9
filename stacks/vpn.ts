import type { SiteToSiteVpnArgs, VpnAllowArgs, VpnKeys, VpnPeerArgs } from "../components/network";
import type { EnvironmentConfig, VpnConfig, VpnPeerConfig } from "./config/types";

/** What an environment's file says of its VPN, as the component takes it. What `allow` opens is filled in by `groups`. */
export function vpnArgs(
  config: EnvironmentConfig,
  vpn: VpnConfig,
  groups: Record<VpnConfig["allow"][number]["to"], VpnAllowArgs["securityGroupId"]>,
  otherNetworks: Record<string, string> = {},
): Omit<SiteToSiteVpnArgs, "network"> {
  return {
    gateway: vpn.gateway,
    peers: Object.fromEntries(vpn.peers.map((peer) => [peer.name, peerArgs(peer)])),
    ...(vpn.hub && { hub: vpn.hub }),
    ...(vpn.hubNetworks && { hubNetworks: byName(vpn.hubNetworks) }),
    ...(vpn.amazonAsn !== undefined && { amazonAsn: vpn.amazonAsn }),
    ...(vpn.accelerated !== undefined && { accelerated: vpn.accelerated }),
    allow: vpn.allow.map((rule) => ({ ...rule, securityGroupId: groups[rule.to] })),
    otherNetworks,
    alarmTopicArns: vpn.alarmTopics,
    logRetentionDays: vpn.logRetentionDays,
    dashboard: vpn.dashboard,
    protected: config.protected,
  };
}

function peerArgs({ name: _, networks, presharedKeys, insideCidrs, ...rest }: VpnPeerConfig): VpnPeerArgs {
  return {
    ...rest,
    ...(networks && { networks: byName(networks) }),
    ...(presharedKeys !== undefined && { presharedKeys: keysOf(presharedKeys) }),
    ...(insideCidrs && { insideCidrs: insideCidrs as [string, string] }),
  };
}

function keysOf(from: string): VpnKeys {
  return from === "service" || from === "secretsManager" ? from : { secret: from };
}

function byName(networks: { name: string; cidr: string }[]): Record<string, string> {
  return Object.fromEntries(networks.map(({ name, cidr }) => [name, cidr]));
}

/** Networks beyond the tunnels: the environment's network ACLs let them in, and no other private network. */
export function joinedNetworks(vpn: VpnConfig | undefined): string[] {
  return [...(vpn?.peers ?? []).flatMap(({ networks = [] }) => networks), ...(vpn?.hubNetworks ?? [])].map(
    ({ cidr }) => cidr,
  );
}
