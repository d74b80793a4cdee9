/** What was found on both sides of a connection; everything that the diagnosis rests on. */
export interface Facts {
  peer: string;
  /** The peer's networks, by name. */
  networks: Record<string, string>;
  tunnels: TunnelFacts[];
  aws: AwsFacts;
}

export interface TunnelFacts {
  number: number;
  outside: string;
  /** As AWS says. */
  awsUp: boolean;
  awsMessage: string;
  /** Undefined where nobody could look. */
  office?: OfficeFacts;
}

export interface OfficeFacts {
  up: boolean;
  bytesIn: number;
  bytesOut: number;
  /** What strongSwan said when it was told to start the tunnel; only where it is not up. */
  attempt?: string;
}

export interface AwsFacts {
  gateway: "vgw" | "tgw";
  gatewayId: string;
  state: string;
  routing: "static" | "bgp";
  /** Networks that the connection routes to the peer, where routing is static. */
  staticRoutes: string[];
  /** Routes learnt in BGP. */
  learntRoutes: number;
  tables: { id: string; propagates: boolean; leadsTo: string[] }[];
  openings: { from: string; to: string; securityGroupId: string; port: string; open: boolean }[];
}

export type Cause =
  | "not-loaded"
  | "udp-500"
  | "udp-4500"
  | "proposals"
  | "key"
  | "selectors"
  | "routes"
  | "security-group"
  | "unknown";

export interface Finding {
  /** The tunnel, where it is about one. */
  tunnel?: number;
  cause: Cause;
  /** What is wrong, as a sentence. */
  says: string;
  /** The change to make. */
  fix: string;
}
