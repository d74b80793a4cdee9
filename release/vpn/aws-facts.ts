import type { IpPermission, RouteTable, VpnConnection } from "@aws-sdk/client-ec2";
import { contains, parseCidr } from "../../components/network/cidr";
import { portRange } from "../../components/network/vpn/validate";
import type { AwsFacts, Facts } from "./facts";
import type { OpenVpn } from "./open";

/** AWS's side of each chosen peer, read at once. */
export async function readAwsFacts(vpn: OpenVpn): Promise<Facts[]> {
  const { DescribeRouteTablesCommand, DescribeSecurityGroupsCommand, DescribeVpnConnectionsCommand } =
    await import("@aws-sdk/client-ec2");
  const { summary, ec2, peers } = vpn;
  const groups = [...new Set(summary.allow.map(({ securityGroupId }) => securityGroupId))];
  const [connections, tables, securityGroups] = await Promise.all([
    ec2.send(
      new DescribeVpnConnectionsCommand({
        VpnConnectionIds: peers.map(([, { connectionId }]) => connectionId),
      }),
    ),
    summary.routeTableIds.length > 0
      ? ec2.send(new DescribeRouteTablesCommand({ RouteTableIds: summary.routeTableIds }))
      : { RouteTables: [] },
    groups.length > 0
      ? ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: groups }))
      : { SecurityGroups: [] },
  ]);
  return peers.map(([peer, of]) => {
    const connection =
      connections.VpnConnections?.find(({ VpnConnectionId }) => VpnConnectionId === of.connectionId) ?? {};
    const telemetry = connection.VgwTelemetry ?? [];
    const addresses =
      connection.Options?.TunnelOptions?.map(({ OutsideIpAddress }) => OutsideIpAddress ?? "") ?? [];
    return {
      peer,
      networks: of.networks,
      tunnels: addresses.map((outside, i) => {
        const said = telemetry.find(({ OutsideIpAddress }) => OutsideIpAddress === outside);
        return {
          number: i + 1,
          outside,
          awsUp: said?.Status === "UP",
          awsMessage: said?.StatusMessage ?? "",
        };
      }),
      aws: {
        gateway: summary.gateway,
        gatewayId: summary.gatewayId,
        state: connection.State ?? "gone",
        routing: of.routing,
        staticRoutes: staticRoutes(connection),
        learntRoutes: telemetry.reduce((sum, { AcceptedRouteCount }) => sum + (AcceptedRouteCount ?? 0), 0),
        tables: (tables.RouteTables ?? []).map((table) => tableFacts(table, summary.gatewayId)),
        openings: openings(vpn, of.networks, securityGroups.SecurityGroups ?? []),
      },
    };
  });
}

const staticRoutes = ({ Routes = [] }: VpnConnection): string[] =>
  Routes.filter(({ State }) => State !== "deleted").flatMap(
    ({ DestinationCidrBlock }) => DestinationCidrBlock ?? [],
  );

function tableFacts(table: RouteTable, gatewayId: string): AwsFacts["tables"][number] {
  const leads = (table.Routes ?? []).filter(
    ({ GatewayId, TransitGatewayId, State }) =>
      (GatewayId === gatewayId || TransitGatewayId === gatewayId) && State !== "blackhole",
  );
  return {
    id: table.RouteTableId ?? "",
    propagates: (table.PropagatingVgws ?? []).some(({ GatewayId }) => GatewayId === gatewayId),
    leadsTo: leads.flatMap(({ DestinationCidrBlock }) => DestinationCidrBlock ?? []),
  };
}

function openings(
  { summary }: OpenVpn,
  networks: Record<string, string>,
  groups: { GroupId?: string; IpPermissions?: IpPermission[] }[],
): AwsFacts["openings"] {
  return summary.allow
    .filter(({ from }) => networks[from] !== undefined)
    .flatMap(({ from, to, securityGroupId, ports, protocol }) =>
      ports.map((port) => {
        const permissions = groups.find(({ GroupId }) => GroupId === securityGroupId)?.IpPermissions ?? [];
        const open = permissions.some((permission) => lets(permission, networks[from]!, port, protocol));
        return { from, to, securityGroupId, port: `${protocol} ${port}`, open };
      }),
    );
}

function lets(permission: IpPermission, network: string, port: number | string, protocol: string): boolean {
  const [first, last] = portRange(port) ?? [0, 0];
  const wanted = parseCidr(network);
  const everything = permission.IpProtocol === "-1";
  const ports =
    everything ||
    (permission.IpProtocol === protocol &&
      (permission.FromPort ?? 0) <= first &&
      (permission.ToPort ?? 0) >= last);
  return (
    ports &&
    (permission.IpRanges ?? []).some(({ CidrIp }) => {
      const range = CidrIp === undefined ? undefined : parseCidr(CidrIp);
      return range !== undefined && wanted !== undefined && contains(range, wanted);
    })
  );
}
