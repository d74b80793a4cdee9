import * as pulumi from "@pulumi/pulumi";
import type { NetworkLike } from "../network";
import { graphOf } from "../shared/mocks";
import { type Link, SystemLinks } from "./system-links";

const list = (...values: string[]) => pulumi.output(values);
const network: NetworkLike = {
  vpcId: pulumi.output("vpc-1"),
  cidr: pulumi.output("10.20.0.0/16"),
  subnetIds: { public: list(), app: list("subnet-a", "subnet-b"), data: list() },
  routeTableIds: { public: list(), app: list("rtb-a", "rtb-b"), data: list("rtb-d") },
  plan: { cidr: "10.20.0.0/16", routeTables: { public: 1, app: 2, data: 1 } },
};
const T = {
  egress: "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
  ingress: "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
  peering: "aws:ec2/vpcPeeringConnection:VpcPeeringConnection",
  endpoint: "aws:ec2/vpcEndpoint:VpcEndpoint",
  route: "aws:ec2/route:Route",
};

const made = (links: Record<string, Link>) =>
  graphOf(
    () => {
      const all = new SystemLinks("links", { network, links });
      all.allowFrom("web", "sg-web");
      return all;
    },
    {
      state: ({ type }) =>
        type === T.endpoint ? { dnsEntries: [{ dnsName: "vpce-1.example.com" }] } : undefined,
    },
  );

test("a peered system is reached by a route in every app subnet, on its port and no other", async () => {
  const graph = await made({
    erp: { kind: "peering", host: "10.200.0.4", port: 1521, vpcId: "vpc-erp", cidr: "10.200.0.0/16" },
  });
  expect(graph.one(T.peering).inputs).toMatchObject({
    vpcId: "vpc-1",
    peerVpcId: "vpc-erp",
    autoAccept: true,
  });
  expect(
    graph.ofType(T.route).map(({ inputs }) => [inputs.routeTableId, inputs.destinationCidrBlock]),
  ).toEqual([
    ["rtb-a", "10.200.0.0/16"],
    ["rtb-b", "10.200.0.0/16"],
  ]);
  expect(graph.one(T.egress).inputs).toMatchObject({
    securityGroupId: "sg-web",
    fromPort: 1521,
    toPort: 1521,
    cidrIpv4: "10.200.0.0/16",
  });
});

test("nothing comes in by a link", async () => {
  const graph = await made({
    erp: { kind: "peering", host: "10.200.0.4", port: 1521, vpcId: "vpc-erp", cidr: "10.200.0.0/16" },
    legacy: { kind: "network", host: "192.168.50.10", port: 8080, cidr: "192.168.50.0/24" },
  });
  expect(graph.ofType(T.ingress)).toEqual([]);
});

test("an endpoint service is entered by the machines alone, and found under the endpoint's name", async () => {
  const graph = await made({
    tax: { kind: "privateLink", service: "com.amazonaws.vpce.eu-central-1.vpce-svc-1", port: 443 },
  });
  expect(graph.one(T.endpoint).inputs).toMatchObject({
    vpcEndpointType: "Interface",
    securityGroupIds: ["links-tax-id"],
    subnetIds: ["subnet-a", "subnet-b"],
  });
  expect(graph.one(T.ingress).inputs).toMatchObject({
    securityGroupId: "links-tax-id",
    referencedSecurityGroupId: "sg-web",
    fromPort: 443,
  });
  const host = await new Promise((resolve) => graph.result.ends.tax!.host.apply(resolve));
  expect(host).toBe("vpce-1.example.com");
});
