import type { EC2Client } from "@aws-sdk/client-ec2";
import type { VpnPeerSummary, VpnSummary } from "../../components/network";
import type { Context } from "../context";
import { readOutputs, selectAws } from "../engine/engine";
import { failed, wrongUse } from "../errors";
import { openProject } from "../project";
import { type ConnectionData, connectionData } from "./connection-data";

/** An environment's VPN as the stack's outputs name it, with a client for its region. */
export interface OpenVpn {
  environment: string;
  summary: VpnSummary;
  /** The peers that the command is about. */
  peers: [name: string, summary: VpnPeerSummary][];
  ec2: EC2Client;
}

export async function openVpn(context: Context, environment: string, peer?: string): Promise<OpenVpn> {
  const project = openProject(context.cwd, environment);
  await selectAws(context);
  const outputs = await readOutputs(project, environment);
  if (outputs === undefined || Object.keys(outputs).length === 0) {
    throw failed(
      `The environment ${environment} is not up.`,
      `Bring it up first: retrofit up ${environment}`,
    );
  }
  const summary = outputs.vpn as VpnSummary | null | undefined;
  if (!summary) {
    throw wrongUse(
      `The environment ${environment} has no VPN.`,
      "Add retrofit:vpn to its file and bring it up; docs/environments.md has the keys.",
    );
  }
  const all = Object.entries(summary.peers);
  const peers = peer === undefined ? all : all.filter(([name]) => name === peer);
  if (peers.length === 0) {
    const names =
      all.map(([name]) => name).join(", ") || "none of its own: the hub of another environment has them";
    throw wrongUse(`${environment} has no peer ${peer ?? "to work with"}.`, `Its peers: ${names}.`);
  }
  const { EC2Client } = await import("@aws-sdk/client-ec2");
  return { environment, summary, peers, ec2: new EC2Client({ region: summary.region }) };
}

/** The connections of the chosen peers, as AWS has them now. */
export async function readConnections(vpn: OpenVpn): Promise<ConnectionData[]> {
  const { DescribeVpnConnectionsCommand } = await import("@aws-sdk/client-ec2");
  const VpnConnectionIds = vpn.peers.map(([, { connectionId }]) => connectionId);
  const { VpnConnections = [] } = await vpn.ec2.send(new DescribeVpnConnectionsCommand({ VpnConnectionIds }));
  return vpn.peers.map(([name, summary]) => {
    const connection = VpnConnections.find(({ VpnConnectionId }) => VpnConnectionId === summary.connectionId);
    if (!connection)
      throw failed(
        `The connection ${summary.connectionId} of ${name} is gone.`,
        "Bring the environment up again.",
      );
    return connectionData(vpn.environment, name, summary, vpn.summary.vpcCidr, connection);
  });
}
