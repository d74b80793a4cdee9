import type * as pulumi from "@pulumi/pulumi";
import type { NetworkPlan } from "../network-like";
import type { SiteToSiteVpnArgs } from "./args";

/** What each part of the VPN is made with. */
export interface VpnContext {
  /** Name of the component; its children are named after it. */
  name: string;
  args: SiteToSiteVpnArgs;
  plan: NetworkPlan;
  /** `parent`, for every child. */
  opts: pulumi.CustomResourceOptions;
  tags(childName: string): Record<string, pulumi.Input<string>>;
}
