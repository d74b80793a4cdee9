import type * as pulumi from "@pulumi/pulumi";
import type { Tier } from "./address-plan";

/** What is known of a network before it is made, so that others can check and count. */
export interface NetworkPlan {
  /** The VPC's IPv4 block. */
  cidr: string;
  /** How many route tables each tier has. */
  routeTables: Readonly<Record<Tier, number>>;
}

/** What other components need of a network. `Network` is one, and `Network.fromExisting` makes one of any VPC. */
export interface NetworkLike {
  readonly vpcId: pulumi.Output<string>;
  /** The VPC's IPv4 block. */
  readonly cidr: pulumi.Output<string>;
  /**
   * Ids by tier, in order of zone; an empty list for a tier that the network does not have. An id of a `Network` is
   * given out when the subnet can be used: its routes are there, so that a machine's first boot does not meet a
   * network without a way out, and at the end they go after the machine.
   */
  readonly subnetIds: Readonly<Record<Tier, pulumi.Output<string[]>>>;
  /** Ids by tier. A VPN or a peering adds its routes to these. */
  readonly routeTableIds: Readonly<Record<Tier, pulumi.Output<string[]>>>;
  /** Undefined where the network was made elsewhere and its block or route tables are not known yet. */
  readonly plan?: NetworkPlan;
}
