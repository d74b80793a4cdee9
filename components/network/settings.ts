import type * as pulumi from "@pulumi/pulumi";
import type { Problem } from "../shared/validation";
import { MAX_ZONES, maxZones, TIERS, type Tier, vpcCidrProblems } from "./address-plan";
import type { FlowLogsArgs, GatewayEndpoint, NatMode, NetworkArgs } from "./args";
import { canonical, formatCidr, isCanonical, overlaps, parseCidr } from "./cidr";

/** The arguments with every default filled in. */
export interface NetworkSettings {
  cidr: string;
  zoneCount: number;
  /** Undefined when AWS's list decides. */
  zoneNames: string[] | undefined;
  tiers: readonly Tier[];
  nat: NatMode;
  gatewayEndpoints: readonly GatewayEndpoint[];
  interfaceEndpoints: readonly string[];
  flowLogs: Required<Omit<FlowLogsArgs, "kmsKeyArn">> & { kmsKeyArn?: pulumi.Input<string> };
  ipv6: boolean;
  privateNetworks: readonly string[];
}

/** Days that CloudWatch Logs accepts; 0 is for ever. */
const RETENTION_DAYS = [
  0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];
const NAT_MODES: readonly NatMode[] = ["none", "single", "perZone"];
const GATEWAY_ENDPOINTS: readonly GatewayEndpoint[] = ["s3", "dynamodb"];
const TRAFFIC = ["ALL", "ACCEPT", "REJECT"] as const;
/** Keeps each network ACL inside AWS's default of 20 rules for each direction, with IPv6 on. */
const MAX_PRIVATE_NETWORKS = 8;

export function settingsOf(args: NetworkArgs): NetworkSettings {
  const { zones = 2, tiers = TIERS, flowLogs = {} } = args;
  return {
    cidr: args.cidr,
    zoneCount: Array.isArray(zones) ? zones.length : zones,
    zoneNames: Array.isArray(zones) ? zones : undefined,
    tiers,
    nat: args.nat ?? (tiers.includes("public") && tiers.includes("app") ? "single" : "none"),
    gatewayEndpoints: args.gatewayEndpoints ?? GATEWAY_ENDPOINTS,
    interfaceEndpoints: args.interfaceEndpoints ?? [],
    flowLogs: {
      enabled: flowLogs.enabled ?? true,
      retentionDays: flowLogs.retentionDays ?? 30,
      traffic: flowLogs.traffic ?? "ALL",
      kmsKeyArn: flowLogs.kmsKeyArn,
    },
    ipv6: args.ipv6 ?? false,
    privateNetworks: args.privateNetworks ?? [],
  };
}

/** Everything that is wrong with the arguments. */
export function networkProblems(name: string, settings: NetworkSettings): Problem[] {
  return [
    ...nameProblems(name),
    ...vpcCidrProblems("cidr", settings.cidr),
    ...zoneProblems(settings),
    ...listProblems("tiers", settings.tiers, TIERS),
    ...natProblems(settings),
    ...listProblems("gatewayEndpoints", settings.gatewayEndpoints, GATEWAY_ENDPOINTS),
    ...interfaceEndpointProblems(settings),
    ...oneOf("flowLogs.retentionDays", settings.flowLogs.retentionDays, RETENTION_DAYS),
    ...oneOf("flowLogs.traffic", settings.flowLogs.traffic, TRAFFIC),
    ...privateNetworkProblems(settings),
  ];
}

function nameProblems(name: string): Problem[] {
  if (!name.startsWith("sg-")) return [];
  const allowed = `a name that does not begin with "sg-"`;
  return [
    {
      property: "name",
      got: name,
      allowed,
      fix: "AWS keeps that for ids of security groups: choose another.",
    },
  ];
}

function zoneProblems({ cidr, zoneCount, zoneNames }: NetworkSettings): Problem[] {
  const vpc = parseCidr(cidr);
  const planned = vpc !== undefined && vpcCidrProblems("cidr", cidr).length === 0;
  const most = planned ? maxZones(vpc.prefix) : MAX_ZONES;
  const allowed = `a whole number from 1 to ${most}, or a list of as many zone names`;
  const problem = (got: unknown, fix: string): Problem => ({ property: "zones", got, allowed, fix });

  if (!Number.isInteger(zoneCount) || zoneCount < 1) {
    return [problem(zoneNames ?? zoneCount, "Use 2 or more, so that the loss of a zone is survived.")];
  }
  if (zoneCount > most) {
    const room =
      most < MAX_ZONES ? ` A ${cidr.slice(cidr.indexOf("/"))} has room for ${most}: take a larger cidr.` : "";
    return [problem(zoneNames ?? zoneCount, `Use ${most} or fewer.${room}`)];
  }
  const names = zoneNames ?? [];
  return [
    ...duplicates(names).map((zone) => problem(names, `Name ${zone} once.`)),
    ...names
      .filter((zone) => !/^[a-z]{2}(-[a-z]+)+-\d[a-z]$/.test(zone))
      .map((zone) => problem(zone, `Write the full name of a zone, such as "eu-central-1a".`)),
  ];
}

function natProblems({ nat, tiers }: NetworkSettings): Problem[] {
  const problems = oneOf("nat", nat, NAT_MODES);
  const missing = (["public", "app"] as const).filter((tier) => !tiers.includes(tier));
  if (problems.length > 0 || nat === "none" || missing.length === 0) return problems;
  const fix = `Add ${missing.map((tier) => `"${tier}"`).join(" and ")} to tiers, or write nat: "none".`;
  return [{ property: "nat", got: nat, allowed: `"none" without the tiers public and app`, fix }];
}

function interfaceEndpointProblems({ interfaceEndpoints: services, tiers }: NetworkSettings): Problem[] {
  const allowed = `short service names, such as "ssm" or "ecr.api", each once`;
  const problem = (got: unknown, fix: string): Problem => ({
    property: "interfaceEndpoints",
    got,
    allowed,
    fix,
  });
  const ofService = (service: string): Problem[] => {
    if ((GATEWAY_ENDPOINTS as readonly string[]).includes(service)) {
      return [problem(service, `Name ${service} in gatewayEndpoints, where it is free of charge.`)];
    }
    if (/^com\.amazonaws\./.test(service)) {
      return [
        problem(
          service,
          `Leave out what comes before the service: "${service.split(".").slice(3).join(".")}".`,
        ),
      ];
    }
    if (!/^[a-z0-9]+([.-][a-z0-9]+)*$/.test(service)) {
      return [problem(service, "Use lower-case letters, digits, dots and hyphens.")];
    }
    return [];
  };
  return [
    ...services.flatMap(ofService),
    ...duplicates(services).map((service) => problem(services, `Name ${service} once.`)),
    ...(services.length > 0 && !tiers.includes("app")
      ? [problem(services, `They live in the app tier: add "app" to tiers, or leave them out.`)]
      : []),
  ];
}

function privateNetworkProblems({ privateNetworks: networks, cidr }: NetworkSettings): Problem[] {
  const allowed = `up to ${MAX_PRIVATE_NETWORKS} IPv4 blocks that do not overlap the network's own`;
  const problem = (got: unknown, fix: string): Problem => ({
    property: "privateNetworks",
    got,
    allowed,
    fix,
  });
  const vpc = parseCidr(cidr);
  const ofNetwork = (text: string): Problem[] => {
    const network = parseCidr(text);
    if (network === undefined) {
      return [problem(text, `Write an address and a prefix length, such as "192.168.10.0/24".`)];
    }
    if (!isCanonical(network)) {
      return [problem(text, `Write the first address of the block: "${formatCidr(canonical(network))}".`)];
    }
    if (vpc !== undefined && overlaps(vpc, network)) {
      return [
        problem(
          text,
          `It overlaps cidr ${cidr}, so that no packet could tell them apart: change one of them.`,
        ),
      ];
    }
    return [];
  };
  const tooMany = networks.length > MAX_PRIVATE_NETWORKS;
  return [
    ...networks.flatMap(ofNetwork),
    ...(tooMany ? [problem(networks, "Join neighbouring networks into larger blocks.")] : []),
  ];
}

function listProblems(property: string, got: readonly string[], allowed: readonly string[]): Problem[] {
  const wanted = `${quoted(allowed)}, each at most once`;
  const unknown = got.filter((item) => !allowed.includes(item));
  return [
    ...unknown.map((item) => ({ property, got: item, allowed: wanted, fix: `Remove "${item}".` })),
    ...duplicates(got).map((item) => ({ property, got, allowed: wanted, fix: `Name "${item}" once.` })),
    ...(property === "tiers" && got.length === 0
      ? [{ property, got, allowed: wanted, fix: "Name at least one." }]
      : []),
  ];
}

function oneOf<T extends string | number>(property: string, got: T, allowed: readonly T[]): Problem[] {
  if (allowed.includes(got)) return [];
  return [{ property, got, allowed: quoted(allowed), fix: nearestFix(got, allowed) }];
}

function nearestFix<T extends string | number>(got: T, allowed: readonly T[]): string {
  const larger = allowed.filter((value) => typeof value === "number" && value > Number(got));
  return larger.length > 0 ? `Use ${larger[0]}, the next longer.` : "Use one of these.";
}

function quoted(values: readonly (string | number)[]): string {
  return values.map((value) => JSON.stringify(value)).join(", ");
}

function duplicates(values: readonly string[]): string[] {
  return [...new Set(values.filter((value, i) => values.indexOf(value) !== i))];
}
