import { errorOf } from "../shared/mocks";
import type { NetworkArgs } from "./args";
import { Network } from "./network";

describe("wrong arguments", () => {
  const wrong = (args: unknown, name = "main") => errorOf(() => new Network(name, args as NetworkArgs));

  test("are told all at once, and nothing is made", async () => {
    await expect(
      wrong({
        cidr: "10.0.0.0/23",
        zones: 5,
        tiers: ["app", "dmz"],
        nat: "perZone",
        gatewayEndpoints: ["s3", "s3"],
        interfaceEndpoints: ["com.amazonaws.eu-central-1.ecr.api", "dynamodb"],
        flowLogs: { retentionDays: 45, traffic: "NONE" },
        privateNetworks: ["10.0.0.0/8", "192.168.1.1/24"],
      }),
    ).resolves.toBe(
      `Network "main" has 10 mistakes:
  zones: got 5; allowed: a whole number from 1 to 4, or a list of as many zone names
    → Use 4 or fewer. A /23 has room for 4: take a larger cidr.
  tiers: got "dmz"; allowed: "public", "app", "data", each at most once
    → Remove "dmz".
  nat: got "perZone"; allowed: "none" without the tiers public and app
    → Add "public" to tiers, or write nat: "none".
  gatewayEndpoints: got ["s3","s3"]; allowed: "s3", "dynamodb", each at most once
    → Name "s3" once.
  interfaceEndpoints: got "com.amazonaws.eu-central-1.ecr.api"; allowed: short service names, such as "ssm" or "ecr.api", each once
    → Leave out what comes before the service: "ecr.api".
  interfaceEndpoints: got "dynamodb"; allowed: short service names, such as "ssm" or "ecr.api", each once
    → Name dynamodb in gatewayEndpoints, where it is free of charge.
  flowLogs.retentionDays: got 45; allowed: 0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653
    → Use 60, the next longer.
  flowLogs.traffic: got "NONE"; allowed: "ALL", "ACCEPT", "REJECT"
    → Use one of these.
  privateNetworks: got "10.0.0.0/8"; allowed: up to 8 IPv4 blocks that do not overlap the network's own
    → It overlaps cidr 10.0.0.0/23, so that no packet could tell them apart: change one of them.
  privateNetworks: got "192.168.1.1/24"; allowed: up to 8 IPv4 blocks that do not overlap the network's own
    → Write the first address of the block: "192.168.1.0/24".`,
    );
  });

  test.each<[string, unknown, string]>([
    ["no cidr", {}, `  cidr: missing; allowed: a private IPv4 block from /16 to /24`],
    ["no zones", { cidr: "10.0.0.0/16", zones: 0 }, "  zones: got 0; allowed: a whole number from 1 to 6"],
    ["half a zone", { cidr: "10.0.0.0/16", zones: 1.5 }, "  zones: got 1.5;"],
    ["zones as text", { cidr: "10.0.0.0/16", zones: "3" }, `  zones: got "3";`],
    ["too many zones", { cidr: "10.0.0.0/16", zones: 7 }, "    → Use 6 or fewer."],
    ["no zone names", { cidr: "10.0.0.0/16", zones: [] }, "  zones: got [];"],
    ["a letter for a zone", { cidr: "10.0.0.0/16", zones: ["a"] }, `such as "eu-central-1a"`],
    [
      "the same zone twice",
      { cidr: "10.0.0.0/16", zones: ["eu-central-1a", "eu-central-1a"] },
      "    → Name eu-central-1a once.",
    ],
    ["no tier", { cidr: "10.0.0.0/16", tiers: [], nat: "none" }, "    → Name at least one."],
    ["an unknown NAT mode", { cidr: "10.0.0.0/16", nat: "double" }, `allowed: "none", "single", "perZone"`],
    [
      "endpoints without app",
      { cidr: "10.0.0.0/16", tiers: ["data"], interfaceEndpoints: ["ssm"] },
      `add "app" to tiers`,
    ],
    ["a service in capitals", { cidr: "10.0.0.0/16", interfaceEndpoints: ["SSM"] }, "Use lower-case letters"],
    [
      "text for a network",
      { cidr: "10.0.0.0/16", privateNetworks: ["office"] },
      `  privateNetworks: got "office";`,
    ],
    [
      "too many networks",
      { cidr: "10.0.0.0/16", privateNetworks: Array.from({ length: 9 }, (_, i) => `192.168.${i}.0/24`) },
      "Join neighbouring networks",
    ],
  ])("%s", async (_what, args, expected) => {
    const message = await wrong(args);
    expect(message).toContain('Network "main" has a mistake:');
    expect(message).toContain(expected);
  });

  test("a name that AWS keeps for ids of security groups", async () => {
    await expect(wrong({ cidr: "10.0.0.0/16" }, "sg-main")).resolves.toContain('  name: got "sg-main";');
  });
});
