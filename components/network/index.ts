export { MAX_ZONES, type PlannedSubnet, planSubnets, TIERS, type Tier, tierBlock } from "./address-plan";
export type { FlowLogsArgs, GatewayEndpoint, NatMode, NetworkArgs, NetworkTransforms } from "./args";
export { ExistingNetwork, type ExistingNetworkArgs } from "./existing-network";
export { Network } from "./network";
export type { NetworkLike, NetworkPlan } from "./network-like";
export * from "./vpn";
