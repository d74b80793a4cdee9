import * as ec2 from "@pulumi/aws/ec2";
import type * as pulumi from "@pulumi/pulumi";
import {
  ACL,
  ASSOCIATION,
  aws,
  COMPONENT,
  EIP,
  ENDPOINT,
  FLOW_LOG,
  GROUP,
  LOG_GROUP,
  NAT,
  network,
  ROLE,
  ROLE_POLICY,
  ROUTE,
  SUBNET,
  VPC,
} from "../../tests/support/network";
import { type Graph, graphOf, resolved } from "../shared/mocks";
import type { Tier } from "./address-plan";
import type { NetworkArgs } from "./args";
import { Network } from "./network";
import { firstZones } from "./zones";

const cidrs = (graph: Graph<Network>, tier: Tier) =>
  graph
    .ofType(SUBNET)
    .filter((s) => s.name.includes(`-${tier}-`))
    .map((s) => s.inputs.cidrBlock);

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

  test("too few of them in the region are told, and AWS is asked for none that is not there", () => {
    expect(firstZones(["eu-south-1b", "eu-south-1a"], 3)).toEqual({
      zones: ["eu-south-1a", "eu-south-1b", "no-zone-3"],
      problem: {
        property: "zones",
        got: 3,
        allowed: "1 to 2, as this account's region has eu-south-1a, eu-south-1b",
        fix: "Use 2 or fewer.",
      },
    });
    expect(firstZones(["eu-south-1b", "eu-south-1a"], 1)).toEqual({ zones: ["eu-south-1a"] });
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
