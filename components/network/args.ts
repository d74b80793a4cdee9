import type * as cloudwatch from "@pulumi/aws/cloudwatch";
import type * as ec2 from "@pulumi/aws/ec2";
import type * as iam from "@pulumi/aws/iam";
import type * as pulumi from "@pulumi/pulumi";
import type { Transform } from "../shared/transform";
import type { Tier } from "./address-plan";

export type NatMode = "none" | "single" | "perZone";
export type GatewayEndpoint = "s3" | "dynamodb";

export interface NetworkArgs {
  /**
   * The VPC's IPv4 block, /16 to /24, inside 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or 100.64.0.0/10. It cannot be
   * changed later without replacing the network. Choose one that no network joined to it uses.
   */
  cidr: string;
  /**
   * How many availability zones to spread over, or their names. A number takes the first zones of the region by name
   * and leaves a subnet where it is should AWS list other zones later. With names the choice is yours: add new ones at
   * the end, because the place of a name in the list decides its addresses.
   *
   * A load balancer needs 2. Room: 6 zones in a /22 or larger, 4 in a /23, 2 in a /24.
   * @default 2
   * @example ["eu-central-1a", "eu-central-1b"]
   */
  zones?: number | string[];
  /**
   * Which tiers exist. `public`: load balancers and NAT gateways. `app`: machines, with a way out if there is NAT.
   * `data`: databases and file systems, without a route to the internet. Adding one later moves nothing.
   * @default ["public", "app", "data"]
   */
  tiers?: Tier[];
  /**
   * The way out to the internet for the app tier. `single`: one NAT gateway, so that the loss of its zone cuts off all
   * zones, and traffic from the others pays for crossing. `perZone`: one in each. `none`: no way out; machines reach
   * AWS through endpoints alone. Changing it changes routes and gateways, no subnet.
   *
   * Cost: each NAT gateway is charged per hour and per GB.
   * @default "single"
   */
  nat?: NatMode;
  /**
   * Services reached without leaving AWS's network. Free of charge.
   * @default ["s3", "dynamodb"]
   */
  gatewayEndpoints?: GatewayEndpoint[];
  /**
   * AWS services that get a private address in each zone of the app tier, by the short name that follows the region
   * in the endpoint's service name.
   *
   * Cost: each is charged per hour and zone, and per GB.
   * @default []
   * @example ["ssm", "ssmmessages", "ec2messages", "logs", "ecr.api", "ecr.dkr"]
   */
  interfaceEndpoints?: string[];
  /** Records of the connections made and refused. On unless `enabled` is false. */
  flowLogs?: FlowLogsArgs;
  /**
   * Adds an IPv6 block that AWS assigns: a /64 per subnet, a route both ways for the public tier, one out for the app
   * tier (through an egress-only gateway, free of charge, and independent of `nat`).
   * @default false
   */
  ipv6?: boolean;
  /**
   * Networks reached over a VPN, a peering or a transit gateway, up to eight. Machines of the app and data tier talk
   * to these and to the VPC; packets from any other private network are dropped.
   * @default []
   * @example ["192.168.10.0/24"]
   */
  privateNetworks?: string[];
  /** Tags for every resource. `Name` is set by the component. */
  tags?: Record<string, pulumi.Input<string>>;
  /** Adjusts single resources where the arguments above do not reach. */
  transform?: NetworkTransforms;
}

export interface FlowLogsArgs {
  /** @default true */
  enabled?: boolean;
  /**
   * How long CloudWatch keeps them: one of the numbers of days that it knows, 0 for ever.
   *
   * Cost: CloudWatch charges per GB taken in and per GB kept.
   * @default 30
   */
  retentionDays?: number;
  /** Which connections. `REJECT` keeps cost low where only refused ones are looked at. @default "ALL" */
  traffic?: "ALL" | "ACCEPT" | "REJECT";
  /**
   * KMS key for the log group. Its policy must let CloudWatch Logs use it.
   * @default CloudWatch's own encryption
   */
  kmsKeyArn?: pulumi.Input<string>;
}

/** One entry per kind of child. A function gets the child's name, such as `main-app-1`. */
export interface NetworkTransforms {
  vpc?: Transform<ec2.VpcArgs>;
  defaultSecurityGroup?: Transform<ec2.DefaultSecurityGroupArgs>;
  defaultNetworkAcl?: Transform<ec2.DefaultNetworkAclArgs>;
  /** `<name>-public-1`, `<name>-app-1`, `<name>-data-1`, … */
  subnet?: Transform<ec2.SubnetArgs>;
  /** `<name>-public`, `<name>-app`, `<name>-data`. */
  networkAcl?: Transform<ec2.NetworkAclArgs>;
  internetGateway?: Transform<ec2.InternetGatewayArgs>;
  egressOnlyInternetGateway?: Transform<ec2.EgressOnlyInternetGatewayArgs>;
  /** `<name>-nat-1`, … */
  elasticIp?: Transform<ec2.EipArgs>;
  /** `<name>-nat-1`, … */
  natGateway?: Transform<ec2.NatGatewayArgs>;
  /** `<name>-public`, `<name>-app-1`, …, `<name>-data`. */
  routeTable?: Transform<ec2.RouteTableArgs>;
  /** The name of its route table, then `-internet`, `-nat` or `-ipv6`. */
  route?: Transform<ec2.RouteArgs>;
  /** Named like its subnet. */
  routeTableAssociation?: Transform<ec2.RouteTableAssociationArgs>;
  /** `<name>-s3`, `<name>-dynamodb`, or `<name>-` and the short name of the service. */
  vpcEndpoint?: Transform<ec2.VpcEndpointArgs>;
  endpointSecurityGroup?: Transform<ec2.SecurityGroupArgs>;
  flowLog?: Transform<ec2.FlowLogArgs>;
  flowLogGroup?: Transform<cloudwatch.LogGroupArgs>;
  flowLogRole?: Transform<iam.RoleArgs>;
  flowLogRolePolicy?: Transform<iam.RolePolicyArgs>;
}
