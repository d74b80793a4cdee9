import * as ec2 from "@pulumi/aws/ec2";
import * as pulumi from "@pulumi/pulumi";
import { errorOf, type Graph, graphOf, type MockBehaviour, resolved } from "../shared/mocks";
import type { Tier } from "./address-plan";
import type { NetworkArgs } from "./args";
import { Network } from "./network";

const COMPONENT = "retrofit:network:Network";
const VPC = "aws:ec2/vpc:Vpc";
const SUBNET = "aws:ec2/subnet:Subnet";
const ACL = "aws:ec2/networkAcl:NetworkAcl";
const NAT = "aws:ec2/natGateway:NatGateway";
const EIP = "aws:ec2/eip:Eip";
const ROUTE = "aws:ec2/route:Route";
const TABLE = "aws:ec2/routeTable:RouteTable";
const ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation";
const ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint";
const GROUP = "aws:ec2/securityGroup:SecurityGroup";
const FLOW_LOG = "aws:ec2/flowLog:FlowLog";
const LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup";
const ROLE = "aws:iam/role:Role";
const ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy";

/** What AWS would answer, where the component reads it. */
const aws: MockBehaviour = {
  state({ type, name }) {
    if (type === VPC) {
      return {
        arn: "arn:aws:ec2:eu-central-1:111122223333:vpc/vpc-1",
        ownerId: "111122223333",
        defaultNetworkAclId: "acl-default",
        ipv6CidrBlock: "2600:1f13:abc:de00::/56",
      };
    }
    if (type === EIP) return { publicIp: `198.51.100.${name.at(-1)}` };
    if (type === LOG_GROUP) return { arn: `arn:aws:logs:eu-central-1:111122223333:log-group:${name}` };
    return undefined;
  },
};

function network(args: Partial<NetworkArgs> = {}, name = "main"): Promise<Graph<Network>> {
  return graphOf(() => new Network(name, { cidr: "10.0.0.0/16", ...args }), aws);
}

const cidrs = (graph: Graph<Network>, tier: Tier) =>
  graph
    .ofType(SUBNET)
    .filter((s) => s.name.includes(`-${tier}-`))
    .map((s) => s.inputs.cidrBlock);

describe("a network by default", () => {
  let graph: Graph<Network>;
  beforeAll(async () => {
    graph = await network({ tags: { Team: "shop", Name: "mine" } });
  });

  test("has a VPC with DNS on", () => {
    expect(graph.one(VPC, "main").inputs).toEqual({
      cidrBlock: "10.0.0.0/16",
      enableDnsSupport: true,
      enableDnsHostnames: true,
      tags: { Team: "shop", Name: "main" },
    });
  });

  test("spreads three tiers over the first two zones by name, and no subnet hands out public addresses", () => {
    const rows = graph.ofType(SUBNET).map(({ name, inputs }) => {
      expect(inputs).toMatchObject({ vpcId: "main-id", mapPublicIpOnLaunch: false, tags: { Name: name } });
      return [name, inputs.availabilityZone, inputs.cidrBlock];
    });
    expect(rows).toEqual([
      ["main-app-1", "eu-central-1a", "10.0.0.0/20"],
      ["main-app-2", "eu-central-1b", "10.0.16.0/20"],
      ["main-data-1", "eu-central-1a", "10.0.192.0/22"],
      ["main-data-2", "eu-central-1b", "10.0.196.0/22"],
      ["main-public-1", "eu-central-1a", "10.0.128.0/21"],
      ["main-public-2", "eu-central-1b", "10.0.136.0/21"],
    ]);
  });

  test("gives public a route to the internet, app one through a shared NAT gateway, data none", () => {
    expect(graph.ofType(ROUTE).map(({ name, inputs }) => [name, inputs])).toEqual([
      [
        "main-app-1-nat",
        { routeTableId: "main-app-1-id", destinationCidrBlock: "0.0.0.0/0", natGatewayId: "main-nat-1-id" },
      ],
      [
        "main-app-2-nat",
        { routeTableId: "main-app-2-id", destinationCidrBlock: "0.0.0.0/0", natGatewayId: "main-nat-1-id" },
      ],
      [
        "main-public-internet",
        { routeTableId: "main-public-id", destinationCidrBlock: "0.0.0.0/0", gatewayId: "main-id" },
      ],
    ]);
    expect(graph.names(TABLE)).toEqual(["main-app-1", "main-app-2", "main-data", "main-public"]);
    expect(graph.ofType(ASSOCIATION).map(({ inputs }) => [inputs.subnetId, inputs.routeTableId])).toEqual([
      ["main-app-1-id", "main-app-1-id"],
      ["main-app-2-id", "main-app-2-id"],
      ["main-data-1-id", "main-data-id"],
      ["main-data-2-id", "main-data-id"],
      ["main-public-1-id", "main-public-id"],
      ["main-public-2-id", "main-public-id"],
    ]);
  });

  test("puts the NAT gateway into the first public subnet, after the way to the internet", () => {
    const nat = graph.one(NAT);
    expect(nat.inputs).toMatchObject({ allocationId: "main-nat-1-id", subnetId: "main-public-1-id" });
    expect(nat.dependencies).toContain(graph.one("aws:ec2/internetGateway:InternetGateway").urn);
    expect(graph.one(EIP).inputs).toMatchObject({ domain: "vpc" });
  });

  test("leaves the default security group and network ACL without rules", () => {
    const group = graph.one("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup");
    expect(group.inputs).toEqual({ vpcId: "main-id", tags: { Team: "shop", Name: "main-default" } });
    const acl = graph.one("aws:ec2/defaultNetworkAcl:DefaultNetworkAcl");
    expect(acl.inputs).toEqual({
      defaultNetworkAclId: "acl-default",
      tags: { Team: "shop", Name: "main-default" },
    });
    expect(acl.options.ignoreChanges).toEqual(["subnetIds"]);
  });

  test("puts each subnet into its tier's own ACL, as the default one lets nothing through", () => {
    const covered = graph.ofType(ACL).map(({ name, inputs }) => [name, inputs.subnetIds]);
    expect(covered).toEqual([
      ["main-app", ["main-app-1-id", "main-app-2-id"]],
      ["main-data", ["main-data-1-id", "main-data-2-id"]],
      ["main-public", ["main-public-1-id", "main-public-2-id"]],
    ]);
    for (const { inputs } of graph.ofType(ACL)) {
      expect(inputs.ingress.length).toBeGreaterThan(0);
      expect(inputs.egress.length).toBeGreaterThan(0);
    }
  });

  test("reaches S3 and DynamoDB from every route table, and has no interface endpoints", () => {
    const routeTableIds = ["main-public-id", "main-app-1-id", "main-app-2-id", "main-data-id"];
    expect(graph.ofType(ENDPOINT).map(({ inputs }) => inputs)).toEqual(
      ["dynamodb", "s3"].map((service) => ({
        vpcId: "main-id",
        vpcEndpointType: "Gateway",
        serviceName: `com.amazonaws.eu-central-1.${service}`,
        routeTableIds,
        tags: { Team: "shop", Name: `main-${service}` },
      })),
    );
    expect(graph.names(GROUP)).toEqual([]);
  });

  test("writes flow logs for 30 days, with a role that only they of this account can take", () => {
    expect(graph.one(FLOW_LOG).inputs).toMatchObject({
      vpcId: "main-id",
      trafficType: "ALL",
      logDestinationType: "cloud-watch-logs",
      logDestination: "arn:aws:logs:eu-central-1:111122223333:log-group:main-flow-logs",
    });
    expect(graph.one(LOG_GROUP).inputs.retentionInDays).toBe(30);
    const [trust] = JSON.parse(graph.one(ROLE).inputs.assumeRolePolicy).Statement;
    expect(trust.Condition).toEqual({
      StringEquals: { "aws:SourceAccount": "111122223333" },
      ArnLike: { "aws:SourceArn": "arn:aws:ec2:eu-central-1:111122223333:vpc-flow-log/*" },
    });
    const statements = JSON.parse(graph.one(ROLE_POLICY).inputs.policy).Statement;
    expect(statements.map((s: { Resource: unknown }) => s.Resource)).toEqual([
      [
        "arn:aws:logs:eu-central-1:111122223333:log-group:main-flow-logs",
        "arn:aws:logs:eu-central-1:111122223333:log-group:main-flow-logs:*",
      ],
      "arn:aws:logs:eu-central-1:111122223333:log-group:*",
    ]);
    expect(JSON.stringify(statements)).not.toContain("CreateLogGroup");
  });

  test("has the component as parent of every child, and its tags and name on each that takes tags", () => {
    const { urn } = graph.one(COMPONENT);
    const untagged = [ROUTE, ASSOCIATION, ROLE_POLICY];
    for (const child of graph.resources.filter((r) => r.type !== COMPONENT)) {
      expect([child.name, child.parent]).toEqual([child.name, urn]);
      const tags = untagged.includes(child.type) ? undefined : { Team: "shop", Name: child.name };
      expect([child.name, child.inputs.tags]).toEqual([child.name, tags]);
    }
  });

  test("leaves every physical name to auto-naming", () => {
    for (const { inputs } of graph.resources) {
      expect(inputs).not.toHaveProperty("name");
      expect(inputs).not.toHaveProperty("namePrefix");
    }
  });

  test("registers its outputs by tier", () => {
    expect(graph.one(COMPONENT).outputs).toEqual({
      vpcId: "main-id",
      cidr: "10.0.0.0/16",
      subnetIds: {
        public: ["main-public-1-id", "main-public-2-id"],
        app: ["main-app-1-id", "main-app-2-id"],
        data: ["main-data-1-id", "main-data-2-id"],
      },
      routeTableIds: {
        public: ["main-public-id"],
        app: ["main-app-1-id", "main-app-2-id"],
        data: ["main-data-id"],
      },
      natPublicIps: ["198.51.100.1"],
      vpcEndpointIds: { s3: "main-s3-id", dynamodb: "main-dynamodb-id" },
      availabilityZones: ["eu-central-1a", "eu-central-1b"],
    });
  });
});

describe("NAT", () => {
  const nats = async (args: Partial<NetworkArgs>) => {
    const graph = await network({ zones: 3, ...args });
    const routes = graph.ofType(ROUTE).filter((r) => r.name.endsWith("-nat"));
    return {
      gateways: graph.ofType(NAT).map((n) => [n.name, n.inputs.subnetId]),
      routes: routes.map((r) => [r.name, r.inputs.natGatewayId]),
      addresses: await resolved(graph.result.natPublicIps),
    };
  };

  test("none: no gateway, no address, no route out of app", async () => {
    expect(await nats({ nat: "none" })).toEqual({ gateways: [], routes: [], addresses: [] });
  });

  test("single: one gateway for all zones", async () => {
    expect(await nats({ nat: "single" })).toEqual({
      gateways: [["main-nat-1", "main-public-1-id"]],
      routes: [1, 2, 3].map((zone) => [`main-app-${zone}-nat`, "main-nat-1-id"]),
      addresses: ["198.51.100.1"],
    });
  });

  test("perZone: each zone leaves through its own", async () => {
    expect(await nats({ nat: "perZone" })).toEqual({
      gateways: [1, 2, 3].map((zone) => [`main-nat-${zone}`, `main-public-${zone}-id`]),
      routes: [1, 2, 3].map((zone) => [`main-app-${zone}-nat`, `main-nat-${zone}-id`]),
      addresses: ["198.51.100.1", "198.51.100.2", "198.51.100.3"],
    });
  });
});

describe("growing", () => {
  const VOLATILE = [ROUTE, NAT, EIP, ACL, ENDPOINT];
  const kept = (graph: Graph<Network>) =>
    graph.resources
      .filter((r) => !VOLATILE.includes(r.type) && r.type !== COMPONENT)
      .map(({ urn, inputs }) => ({ urn, inputs }))
      .sort((a, b) => (a.urn < b.urn ? -1 : 1));

  test.each<[string, Partial<NetworkArgs>, Partial<NetworkArgs>]>([
    ["zones", { zones: 2 }, { zones: 4 }],
    ["tiers", { tiers: ["app", "public"] }, { tiers: ["public", "app", "data"] }],
    ["NAT", { nat: "single" }, { nat: "perZone" }],
    ["endpoints", {}, { interfaceEndpoints: ["ssm"] }],
  ])("%s: whatever could be replaced keeps its name and inputs", async (_what, before, after) => {
    const grown = kept(await network(after));
    for (const resource of kept(await network(before))) expect(grown).toContainEqual(resource);
  });

  test("from a number of zones to their names changes nothing", async () => {
    const counted = kept(await network({ zones: 2 }));
    const named = kept(await network({ zones: ["eu-central-1a", "eu-central-1b"] }));
    expect(named).toEqual(counted);
  });
});

describe("zones", () => {
  test("a subnet stays when AWS lists other zones, where AWS's list was asked", async () => {
    const counted = await network({ zones: 2 });
    for (const subnet of counted.ofType(SUBNET))
      expect(subnet.options.ignoreChanges).toEqual(["availabilityZone"]);
  });

  test("names are taken in the order given, and a changed name is a change", async () => {
    const graph = await network({ zones: ["eu-central-1c", "eu-central-1a"] });
    await expect(resolved(graph.result.availabilityZones)).resolves.toEqual([
      "eu-central-1c",
      "eu-central-1a",
    ]);
    for (const subnet of graph.ofType(SUBNET)) expect(subnet.options.ignoreChanges).toEqual([]);
  });

  test("too few of them in the region is an error before anything is made, and AWS is asked for none that is not there", async () => {
    const error = jest.spyOn(pulumi.log, "error").mockResolvedValue(undefined);
    const graph = await graphOf(
      () => new Network("main", { cidr: "10.0.0.0/16", zones: 3, tiers: ["app"] }),
      {
        ...aws,
        calls: {
          "aws:index/getAvailabilityZones:getAvailabilityZones": () => ({
            names: ["eu-south-1b", "eu-south-1a"],
          }),
        },
      },
    );
    expect(error.mock.calls).toEqual([
      [
        `This network has a mistake:
  zones: got 3; allowed: 1 to 2, as this account's region has eu-south-1a, eu-south-1b
    → Use 2 or fewer.`,
        graph.result,
      ],
    ]);
    expect(graph.ofType(SUBNET).map((s) => s.inputs.availabilityZone)).toEqual([
      "eu-south-1a",
      "eu-south-1b",
      "no-zone-3",
    ]);
    error.mockRestore();
  });

  test("asks for ordinary zones only, through the component's provider", async () => {
    const asked: unknown[] = [];
    const getAvailabilityZones = (inputs: object) => {
      asked.push(inputs);
      return { names: ["eu-central-1a", "eu-central-1b"] };
    };
    await graphOf(() => new Network("main", { cidr: "10.0.0.0/16" }), {
      ...aws,
      calls: { "aws:index/getAvailabilityZones:getAvailabilityZones": getAvailabilityZones },
    });
    expect(asked).toEqual([
      { state: "available", filters: [{ name: "opt-in-status", values: ["opt-in-not-required"] }] },
    ]);
  });
});

describe("tiers", () => {
  test("without public there is no way to or from the internet", async () => {
    const graph = await network({ tiers: ["app", "data"] });
    expect(graph.names("aws:ec2/internetGateway:InternetGateway")).toEqual([]);
    expect(graph.names(ROUTE)).toEqual([]);
    expect(cidrs(graph, "app")).toEqual(["10.0.0.0/20", "10.0.16.0/20"]);
    await expect(resolved(graph.result.subnetIds.public)).resolves.toEqual([]);
  });
});

describe("interface endpoints", () => {
  test("answer HTTPS from inside the VPC in every zone of app, and call nobody", async () => {
    const graph = await network({ interfaceEndpoints: ["ssm", "ecr.api"], gatewayEndpoints: [] });
    expect(graph.ofType(ENDPOINT).map(({ inputs }) => inputs)).toEqual(
      ["ecr.api", "ssm"].map((service) => ({
        vpcId: "main-id",
        vpcEndpointType: "Interface",
        serviceName: `com.amazonaws.eu-central-1.${service}`,
        subnetIds: ["main-app-1-id", "main-app-2-id"],
        securityGroupIds: ["main-endpoints-id"],
        privateDnsEnabled: true,
        tags: { Name: `main-${service}` },
      })),
    );
    const { ingress, egress } = graph.one(GROUP).inputs;
    expect(ingress).toEqual([
      {
        description: "HTTPS from inside the VPC",
        protocol: "tcp",
        fromPort: 443,
        toPort: 443,
        cidrBlocks: ["10.0.0.0/16"],
      },
    ]);
    expect(egress).toBeUndefined();
    expect(Object.keys(graph.result.vpcEndpointIds)).toEqual(["ssm", "ecr.api"]);
  });
});

describe("flow logs", () => {
  test("can be turned off, with nothing left of them", async () => {
    const graph = await network({ flowLogs: { enabled: false } });
    for (const type of [FLOW_LOG, LOG_GROUP, ROLE, ROLE_POLICY]) expect(graph.names(type)).toEqual([]);
  });

  test("take retention, kind of traffic and key", async () => {
    const kmsKeyArn = "arn:aws:kms:eu-central-1:111122223333:key/1";
    const graph = await network({ flowLogs: { retentionDays: 365, traffic: "REJECT", kmsKeyArn } });
    expect(graph.one(LOG_GROUP).inputs).toMatchObject({ retentionInDays: 365, kmsKeyId: kmsKeyArn });
    expect(graph.one(FLOW_LOG).inputs.trafficType).toBe("REJECT");
  });
});

describe("IPv6", () => {
  test("gives each subnet its /64, public a route both ways, app one out, data none", async () => {
    const graph = await network({ ipv6: true, nat: "none" });
    expect(graph.one(VPC).inputs.assignGeneratedIpv6CidrBlock).toBe(true);
    expect(graph.ofType(SUBNET).map((s) => [s.name, s.inputs.ipv6CidrBlock])).toEqual([
      ["main-app-1", "2600:1f13:abc:de10::/64"],
      ["main-app-2", "2600:1f13:abc:de11::/64"],
      ["main-data-1", "2600:1f13:abc:de20::/64"],
      ["main-data-2", "2600:1f13:abc:de21::/64"],
      ["main-public-1", "2600:1f13:abc:de00::/64"],
      ["main-public-2", "2600:1f13:abc:de01::/64"],
    ]);
    const routes = graph.ofType(ROUTE).filter((r) => r.inputs.destinationIpv6CidrBlock === "::/0");
    expect(
      routes.map((r) => [r.name, r.inputs.gatewayId ?? null, r.inputs.egressOnlyGatewayId ?? null]),
    ).toEqual([
      ["main-app-1-ipv6", null, "main-id"],
      ["main-app-2-ipv6", null, "main-id"],
      ["main-public-ipv6", "main-id", null],
    ]);
  });
});

describe("who takes a subnet", () => {
  test("waits until its routes, ACL and gateway endpoints are there", async () => {
    const graph = await graphOf(() => {
      const main = new Network("main", { cidr: "10.0.0.0/16", zones: 1 });
      new ec2.Instance("machine", { subnetId: main.subnetIds.app.apply(([id]) => id!) });
      return main;
    }, aws);
    const { dependencies } = graph.one("aws:ec2/instance:Instance");
    for (const [type, name] of [
      [ROUTE, "main-app-1-nat"],
      [ASSOCIATION, "main-app-1"],
      [ACL, "main-app"],
      [ENDPOINT, "main-s3"],
    ] as const) {
      expect(dependencies).toContain(graph.one(type, name).urn);
    }
  });
});

describe("transform", () => {
  test("reaches every kind of child", async () => {
    const seen: string[] = [];
    const note = (_args: object, _opts: pulumi.CustomResourceOptions, name: string) => void seen.push(name);
    const graph = await network({
      ipv6: true,
      interfaceEndpoints: ["ssm"],
      transform: {
        vpc: note,
        defaultSecurityGroup: note,
        defaultNetworkAcl: note,
        subnet: note,
        networkAcl: note,
        internetGateway: note,
        egressOnlyInternetGateway: note,
        elasticIp: note,
        natGateway: note,
        routeTable: note,
        route: note,
        routeTableAssociation: note,
        vpcEndpoint: note,
        endpointSecurityGroup: note,
        flowLog: note,
        flowLogGroup: note,
        flowLogRole: note,
        flowLogRolePolicy: note,
      },
    });
    const children = graph.resources.filter((r) => r.type !== COMPONENT).map((r) => r.name);
    expect(seen.sort()).toEqual(children.sort());
  });

  test("changes arguments and options of the child that it is for", async () => {
    const graph = await network({
      transform: {
        vpc: { instanceTenancy: "dedicated" },
        subnet: (_args, opts, name) => {
          if (name.includes("-data-")) opts.protect = true;
        },
      },
    });
    expect(graph.one(VPC).inputs.instanceTenancy).toBe("dedicated");
    const kept = graph.ofType(SUBNET).filter((s) => s.options.protect);
    expect(kept.map((s) => s.name)).toEqual(["main-data-1", "main-data-2"]);
  });
});

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
