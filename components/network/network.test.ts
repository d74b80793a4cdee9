import {
  ACL,
  ASSOCIATION,
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
  TABLE,
  VPC,
} from "../../tests/support/network";
import type { Graph } from "../shared/mocks";
import type { Network } from "./network";

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
