import { Dashboard, type DashboardArgs } from "@pulumi/aws/cloudwatch/dashboard";
import { LogGroup, type LogGroupArgs } from "@pulumi/aws/cloudwatch/logGroup";
import { MetricAlarm, type MetricAlarmArgs } from "@pulumi/aws/cloudwatch/metricAlarm";
import { getRegionOutput } from "@pulumi/aws/getRegion";
import * as pulumi from "@pulumi/pulumi";
import { transformed } from "../../shared/transform";
import type { PeerConnection } from "./connection";
import type { VpnContext } from "./context";

const DEFAULT_RETENTION_DAYS = 90;
/** How often AWS publishes the state of a tunnel, in seconds. A shorter period would see gaps. */
const PERIOD = 300;

/** The log of a peer's tunnels; undefined where logs are off. */
export function createLogGroup({ name, args, opts, tags }: VpnContext, peer: string): LogGroup | undefined {
  const retentionInDays = args.logRetentionDays ?? DEFAULT_RETENTION_DAYS;
  if (retentionInDays === 0) return undefined;
  const child = `${name}-${peer}`;
  return new LogGroup(
    ...transformed<LogGroupArgs>(
      args.transform?.logGroup,
      child,
      { retentionInDays, tags: tags(child) },
      opts,
    ),
  );
}

export function regionOf({ opts: { parent } }: VpnContext): pulumi.Output<string> {
  return getRegionOutput({}, { ...(parent && { parent }) }).apply((found) => found.region ?? found.name);
}

const addressesOf = ({ connection }: PeerConnection): pulumi.Output<string>[] => [
  connection.tunnel1Address,
  connection.tunnel2Address,
];

/**
 * One alarm per tunnel, patient, since AWS takes one down for maintenance now and then, and one at once for both: then
 * the peer is cut off. A state that is not reported counts as down.
 */
export function createAlarms(context: VpnContext, peer: PeerConnection): MetricAlarm[] {
  const { name, args, opts, tags } = context;
  const child = `${name}-${peer.peer}`;
  const actions = [...(args.alarmTopicArns ?? [])];
  const alarm = (suffix: string, more: MetricAlarmArgs) => {
    const alarmName = `${child}-${suffix}`;
    const common = {
      alarmActions: actions,
      okActions: actions,
      treatMissingData: "breaching",
      tags: tags(alarmName),
    };
    return new MetricAlarm(
      ...transformed<MetricAlarmArgs>(args.transform?.alarm, alarmName, { ...common, ...more }, opts),
    );
  };
  const state = (address: pulumi.Output<string>) => ({
    namespace: "AWS/VPN",
    metricName: "TunnelState",
    dimensions: { VpnId: peer.connection.id, TunnelIpAddress: address },
  });
  const addresses = addressesOf(peer);
  const single = addresses.map((address, i) =>
    alarm(`tunnel-${i + 1}-down`, {
      ...state(address),
      alarmDescription: `${child}: tunnel ${i + 1} has been down for 15 minutes; the other one carries the traffic alone.`,
      statistic: "Maximum",
      period: PERIOD,
      evaluationPeriods: 3,
      comparisonOperator: "LessThanThreshold",
      threshold: 1,
    }),
  );
  const both = alarm("down", {
    alarmDescription: `${child}: both tunnels are down; the peer is cut off.`,
    evaluationPeriods: 1,
    comparisonOperator: "LessThanThreshold",
    threshold: 1,
    metricQueries: [
      ...addresses.map((address, i) => ({
        id: `tunnel${i + 1}`,
        metric: { ...state(address), period: PERIOD, stat: "Maximum" },
      })),
      {
        id: "best",
        expression: "MAX([FILL(tunnel1, 0), FILL(tunnel2, 0)])",
        label: "best tunnel",
        returnData: true,
      },
    ],
  });
  return [...single, both];
}

/** What a row of a dashboard shows of one peer. */
export interface DashboardRow {
  title: string;
  region: string;
  connectionId: string;
  tunnelAddresses: string[];
}

const ROW_HEIGHT = 6;

/** Three widgets side by side: state, bytes in, bytes out. For a dashboard of one's own, `y` says where the row begins. */
export function vpnDashboardRow(
  { title, region, connectionId, tunnelAddresses }: DashboardRow,
  y = 0,
): object[] {
  const widget = (column: number, metric: string, label: string, properties: object) => ({
    type: "metric",
    x: column * 8,
    y,
    width: 8,
    height: ROW_HEIGHT,
    properties: {
      title: `${title}: ${label}`,
      region,
      period: PERIOD,
      view: "timeSeries",
      metrics: tunnelAddresses.map((address, i) => [
        "AWS/VPN",
        metric,
        "VpnId",
        connectionId,
        "TunnelIpAddress",
        address,
        { label: `tunnel ${i + 1}` },
      ]),
      ...properties,
    },
  });
  return [
    widget(0, "TunnelState", "tunnels (1 = up)", { stat: "Maximum", yAxis: { left: { min: 0, max: 1 } } }),
    widget(1, "TunnelDataIn", "bytes from the peer", { stat: "Sum" }),
    widget(2, "TunnelDataOut", "bytes to the peer", { stat: "Sum" }),
  ];
}

export function createDashboard(
  context: VpnContext,
  peers: readonly PeerConnection[],
): Dashboard | undefined {
  const { name, args, opts } = context;
  if (args.dashboard === false || peers.length === 0) return undefined;
  const region = regionOf(context);
  const rows = peers.map((peer, i) =>
    pulumi
      .all([region, peer.connection.id, pulumi.all(addressesOf(peer))])
      .apply(([where, connectionId, tunnelAddresses]) =>
        vpnDashboardRow({ title: peer.peer, region: where, connectionId, tunnelAddresses }, i * ROW_HEIGHT),
      ),
  );
  const dashboardBody = pulumi.all(rows).apply((all) => JSON.stringify({ widgets: all.flat() }));
  return new Dashboard(
    ...transformed<DashboardArgs>(
      args.transform?.dashboard,
      name,
      {
        dashboardName: pulumi.interpolate`${pulumi.getProject()}-${pulumi.getStack()}-${name}`,
        dashboardBody,
      },
      opts,
    ),
  );
}
