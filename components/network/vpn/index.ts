export type {
  SiteToSiteVpnArgs,
  SiteToSiteVpnTransforms,
  VpnAllowArgs,
  VpnGatewayKind,
  VpnHub,
  VpnKeys,
  VpnPeerArgs,
  VpnRouting,
} from "./args";
export { SiteToSiteVpn } from "./site-to-site-vpn";
export type { VpnPeerSummary, VpnSummary } from "./summary";
export {
  LOOSENING,
  LOOSENING_WORDS,
  type LooseningWord,
  type PhaseArgs,
  type TunnelArgs,
} from "./tunnel-options";
export { type DashboardRow, vpnDashboardRow } from "./watch";
