import type * as cloudwatch from "@pulumi/aws/cloudwatch";
import type * as ec2 from "@pulumi/aws/ec2";
import type * as transit from "@pulumi/aws/ec2transitgateway";
import type * as vpc from "@pulumi/aws/vpc";
import type * as pulumi from "@pulumi/pulumi";
import type { Transform } from "../../shared/transform";
import type { Tier } from "../address-plan";
import type { NetworkLike } from "../network-like";
import type { LooseningWord, TunnelArgs } from "./tunnel-options";

/** `vgw`: a gateway of this VPC alone, free of charge. `tgw`: a transit gateway, the hub of several environments. */
export type VpnGatewayKind = "vgw" | "tgw";

/** `static`: AWS is told the peer's networks. `bgp`: the two ends tell each other, as soon as a peer has an `asn`. */
export type VpnRouting = "static" | "bgp";

export interface SiteToSiteVpnArgs {
  /** The environment's network. What it is made of has to be known at once, as with `Network`: see `NetworkLike.plan`. */
  network: NetworkLike;
  /** The places that are joined to the network, by name. May be empty where a hub that exists is joined. */
  peers: Record<string, VpnPeerArgs>;
  /**
   * What the tunnels end in.
   *
   * Cost: each connection is charged per hour, whatever it ends in. A `tgw` is charged per attachment (each environment and
   * each connection) and hour, and per GB besides.
   * @default "vgw"
   */
  gateway?: VpnGatewayKind;
  /** A hub that another environment made, to be shared: its output `hub`. Only with `tgw`. Left out, a hub is made. */
  hub?: VpnHub;
  /** Networks reached through a shared hub, by name and IPv4 block, beside those of `peers`. Only with `hub`. */
  hubNetworks?: Record<string, string>;
  /**
   * AWS's own number in BGP, private: 64512 to 65534 or 4200000000 to 4294967294. Changing it replaces the gateway.
   * @default 64512
   */
  amazonAsn?: number;
  /**
   * Takes the traffic into AWS's network at the edge nearest to the peer. Only with `tgw`; changing it replaces the connections.
   *
   * Cost: per hour and accelerated connection, and per GB.
   * @default false
   */
  accelerated?: boolean;
  /**
   * Tiers whose route tables lead to the peers' networks.
   * @default ["app", "data"], as far as the network has them
   */
  propagateTo?: Tier[];
  /** What the peers' networks may reach, by name of the network. Nothing without it. */
  allow?: VpnAllowArgs[];
  /** IPv4 blocks that must stay apart from the peers' networks, such as the other environments' VPCs, by name. */
  otherNetworks?: Record<string, string>;
  /** SNS topics that the alarms notify. Default: none; the alarms exist all the same. */
  alarmTopicArns?: pulumi.Input<string>[];
  /**
   * Days that the logs of the tunnels are kept; 0 turns them off.
   *
   * Cost: per GB taken in and kept; a tunnel that is up writes some lines per rekeying.
   * @default 90
   */
  logRetentionDays?: number;
  /**
   * A CloudWatch dashboard with one row per peer.
   *
   * Cost: charged per dashboard and month beyond the first three of the account.
   * @default true
   */
  dashboard?: boolean;
  /**
   * Keeps the connections from being deleted or replaced: a new one has other addresses and keys, and the device at the
   * other end must be configured anew.
   * @default false
   */
  protected?: boolean;
  tags?: Record<string, pulumi.Input<string>>;
  /** Adjusts single resources where the arguments above do not reach. */
  transform?: SiteToSiteVpnTransforms;
}

export interface VpnPeerArgs {
  /** The device's public IPv4 address. Needed, unless the device proves itself by `certificateArn`. */
  address?: pulumi.Input<string>;
  /** ARN of the private certificate (ACM) by which a device whose address changes proves itself, in place of a key. */
  certificateArn?: pulumi.Input<string>;
  /** The peer's networks, IPv4 blocks by name. Needed for static routing, with a `tgw`, and for `allow`. */
  networks?: Record<string, string>;
  /** The peer's number in BGP. With it routes are exchanged by BGP, without it they are static. */
  asn?: number;
  /** Where the tunnels' keys come from; see {@link VpnKeys}. @default "service" */
  presharedKeys?: VpnKeys;
  /** What is given up for an old device, word by word. @default [], hardened */
  loosen?: LooseningWord[];
  /** Narrows or changes the options of both tunnels. What is weaker than the default needs its word in `loosen`. */
  tunnels?: TunnelArgs;
  /**
   * The inside addresses of the tunnels, two /30 blocks in 169.254.0.0/16. Changing them later replaces the connection.
   * @default chosen by AWS
   */
  insideCidrs?: [string, string];
  /** What the device is called, for people. */
  deviceName?: string;
}

/**
 * - `service`: AWS generates the keys. They are encrypted in the state.
 * - `secretsManager`: AWS generates them and keeps them in Secrets Manager instead of in the VPN service.
 * - `{ secret }`: a secret of yours, named by its ARN, with the JSON text `{"tunnel1": "…", "tunnel2": "…"}`. Read at each update.
 */
export type VpnKeys = "service" | "secretsManager" | { secret: pulumi.Input<string> };

/** A transit gateway of several environments. The two tables keep the environments apart from each other. */
export interface VpnHub {
  transitGatewayId: pulumi.Input<string>;
  /** Route table of the environments: leads to the peers, and to no other environment. */
  environmentsTableId: pulumi.Input<string>;
  /** Route table of the peers: leads to every environment. */
  peersTableId: pulumi.Input<string>;
}

/** One opening for a peer's network. */
export interface VpnAllowArgs {
  /** Name of the network, as in `networks`. */
  from: string;
  /** Name of what is reached, for people and for the rule's name. */
  to: string;
  /** The security group that is opened. */
  securityGroupId: pulumi.Input<string>;
  /** Ports, each a number or a range such as `"8000-8100"`. */
  ports: (number | string)[];
  /** @default "tcp" */
  protocol?: "tcp" | "udp";
}

/** One entry per kind of child. A function gets the child's name. */
export interface SiteToSiteVpnTransforms {
  vpnGateway?: Transform<ec2.VpnGatewayArgs>;
  transitGateway?: Transform<transit.TransitGatewayArgs>;
  vpcAttachment?: Transform<transit.VpcAttachmentArgs>;
  customerGateway?: Transform<ec2.CustomerGatewayArgs>;
  connection?: Transform<ec2.VpnConnectionArgs>;
  route?: Transform<ec2.RouteArgs>;
  ingressRule?: Transform<vpc.SecurityGroupIngressRuleArgs>;
  logGroup?: Transform<cloudwatch.LogGroupArgs>;
  alarm?: Transform<cloudwatch.MetricAlarmArgs>;
  dashboard?: Transform<cloudwatch.DashboardArgs>;
}
