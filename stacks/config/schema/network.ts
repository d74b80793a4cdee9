import { vpcCidrProblems } from "../../../components/network/address-plan";
import { checked, choice, different, flag, group, list, oneOf, text, whole } from "../keys";

/** Days that CloudWatch Logs can keep a log group for; it refuses any other number. */
const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;

export const network = group(
  "The network of the environment.",
  {
    cidr: checked((cidr) => vpcCidrProblems("cidr", cidr)[0]?.fix, {
      is: "Address range. Changing it later replaces the environment, so keep it apart from the office's and other environments'.",
      allowed: "a private IPv4 network from /16 to /24",
      example: "10.20.0.0/16",
    }).optional(),
    zones: whole(2, 6, "Availability zones; a load balancer needs two.", 2).optional(),
    nat: choice(
      ["none", "single", "perZone"],
      "How machines reach the internet. Each gateway costs about as much as a small machine, all the time.",
      "single",
    ).optional(),
    interfaceEndpoints: list(
      text(/^[a-z0-9]+([.-][a-z0-9]+)*$/, {
        is: "An AWS service reached inside the network.",
        allowed: "the short name of an AWS service",
        example: "secretsmanager",
      }),
      {
        is: "AWS services reached inside the network. Each costs by the hour in every zone.",
        allowed: "a list of different service names",
        example: ["secretsmanager"],
      },
      different,
    ).optional(),
    flowLogs: group(
      "Records of accepted and refused connections.",
      {
        enabled: flag("Whether they are kept.", true).optional(),
        retentionDays: oneOf(RETENTION_DAYS, "Days they are kept.", 30).optional(),
      },
      { enabled: true, retentionDays: 30 },
    ).optional(),
    ipv6: flag("IPv6 addresses beside the IPv4 ones.", false).optional(),
  },
  { cidr: "10.20.0.0/16" },
);
