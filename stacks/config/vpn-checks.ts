/** What is wrong with `retrofit:vpn` beyond the form of its keys: the component's own rules, told at the file's keys. */
import { vpnProblems } from "../../components/network/vpn/validate";
import type { Problem } from "../../components/shared/validation";
import { joinedNetworks, vpnArgs } from "../vpn";
import type { Finding } from "./checks";
import { gotText } from "./errors";
import { namedTwice } from "./names";
import type { EnvironmentConfig, VpnConfig } from "./types";
import type { SettingsPath } from "./walk";

/** As many as the network's ACLs have room for. */
const MOST_NETWORKS = 8;

/** @param siblings Networks of the other environments, by name. */
export function vpnFindings(config: EnvironmentConfig, siblings: Record<string, string>): Finding[] {
  const { vpn, network } = config;
  if (vpn === undefined) return [];
  const twice = duplicateNames(vpn);
  if (twice.length > 0) return twice;
  const args = vpnArgs(
    config,
    vpn,
    { machines: "" },
    Object.fromEntries(Object.entries(siblings).map(([name, cidr]) => [`the network of ${name}`, cidr])),
  );
  const plan = { cidr: network.cidr, routeTables: { public: 1, app: network.zones, data: 1 } };
  const findings = vpnProblems({ ...args, network: undefined as never }, plan).map((problem) =>
    findingOf(problem, vpn),
  );
  const joined = joinedNetworks(vpn);
  if (joined.length > MOST_NETWORKS) {
    findings.push({
      path: ["vpn", "peers"],
      uses: [["vpn"]],
      got: `got ${joined.length} networks in all`,
      allowed: `up to ${MOST_NETWORKS}, which is what the network ACLs have room for`,
      fix: "Join neighbouring networks into larger ones.",
    });
  }
  return findings;
}

function duplicateNames(vpn: VpnConfig): Finding[] {
  const lists: { path: SettingsPath; names: string[] }[] = [
    { path: ["vpn", "peers"], names: vpn.peers.map(({ name }) => name) },
    ...vpn.peers.map(({ networks = [] }, i) => ({
      path: ["vpn", "peers", i, "networks"],
      names: networks.map(({ name }) => name),
    })),
    { path: ["vpn", "hubNetworks"], names: (vpn.hubNetworks ?? []).map(({ name }) => name) },
  ];
  return lists.flatMap(({ path, names }) => namedTwice(path, names));
}

function findingOf({ property, got, allowed, fix }: Problem, vpn: VpnConfig): Finding {
  const path = pathOf(property, vpn);
  return { path, uses: [["vpn"], ["network", "cidr"]], got: gotText(got), allowed, fix };
}

/** `peers.office.networks.legacy` of the component is `vpn.peers[0].networks[0].cidr` of the file. */
export function pathOf(property: string, vpn: VpnConfig): SettingsPath {
  if (property === "network" || property.startsWith("otherNetworks.")) return ["network", "cidr"];
  const parts = property
    .split(/[.[\]]+/)
    .filter(Boolean)
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
  if (parts[0] === "hubNetworks") return ["vpn", ...networkPath(parts, vpn.hubNetworks ?? [])];
  if (parts[0] !== "peers" || parts.length < 2) return ["vpn", ...parts];
  const [, name, ...rest] = parts;
  const index = vpn.peers.findIndex((peer) => peer.name === name);
  const networks = vpn.peers[index]?.networks ?? [];
  return ["vpn", "peers", index, ...(rest[0] === "networks" ? networkPath(rest, networks) : rest)];
}

function networkPath([list, name]: (string | number)[], networks: { name: string }[]): (string | number)[] {
  const index = networks.findIndex((network) => network.name === name);
  return index < 0 ? [list!] : [list!, index, "cidr"];
}
