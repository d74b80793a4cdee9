/** The links of an environment as its file describes them, for the component and for the application. */
import type * as pulumi from "@pulumi/pulumi";
import type { Link, SystemLinks } from "../components/links";
import type { EnvironmentConfig, LinkConfig } from "./config/types";

/** Stand-ins are at an address of their own; beyond that the application cannot tell them from the system. */
export function linkArgs({ links = [], vpn }: EnvironmentConfig): Record<string, Link> {
  const networks = vpnNetworks(vpn);
  return Object.fromEntries(links.map((link) => [link.name, linkOf(link, networks)]));
}

function linkOf(link: LinkConfig, networks: Record<string, string>): Link {
  const { host = "", port, cidr = "" } = link;
  switch (link.kind) {
    case "peering":
      return { kind: "peering", host, port, cidr, vpcId: link.vpcId ?? "" };
    case "privateLink":
      return { kind: "privateLink", port, service: link.service ?? "" };
    case "vpn":
      return { kind: "network", host, port, cidr: networks[link.network ?? ""] ?? "" };
    case "address":
    case "standIn":
      return { kind: "network", host, port, cidr };
  }
}

/** Networks beyond the tunnels, by name. */
export function vpnNetworks(vpn: EnvironmentConfig["vpn"]): Record<string, string> {
  const all = [...(vpn?.peers ?? []).flatMap(({ networks = [] }) => networks), ...(vpn?.hubNetworks ?? [])];
  return Object.fromEntries(all.map(({ name, cidr }) => [name, cidr]));
}

/** Private networks that links lead to: the environment's network ACLs let them through, and no others. */
export function linkedNetworks({ links = [] }: EnvironmentConfig): string[] {
  return links.flatMap(({ kind, cidr }) => (kind === "peering" && cidr !== undefined ? [cidr] : []));
}

/** `LINK_ERP_HOST` and `LINK_ERP_PORT`: the same in every environment, whatever stands behind them. */
export function linkVariables(links: SystemLinks | undefined): Record<string, pulumi.Input<string>> {
  return Object.fromEntries(
    Object.entries(links?.ends ?? {}).flatMap(([name, { host, port }]) => {
      const prefix = `LINK_${name.toUpperCase().replaceAll("-", "_")}`;
      return [
        [`${prefix}_HOST`, host],
        [`${prefix}_PORT`, String(port)],
      ];
    }),
  );
}
