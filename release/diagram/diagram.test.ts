import { draw } from "./draw";
import { pictureOf } from "./model";

const resource = (type: string, name: string, outputs: object, id = `${name}-id`) => ({
  urn: `urn:pulumi:dev::shop::retrofit:x:Y$${type}::${name}`,
  type,
  id,
  outputs: outputs as Record<string, unknown>,
});
const subnet = (tier: string, zone: string, cidr: string) =>
  resource("aws:ec2/subnet:Subnet", `network-${tier}-${zone.at(-1)}`, {
    availabilityZone: zone,
    cidrBlock: cidr,
  });
const group = (name: string, arn: string) =>
  resource("aws:autoscaling/group:Group", name, { minSize: 2, maxSize: 4, targetGroupArns: [arn] });

const state = [
  { urn: "urn:pulumi:dev::shop::retrofit:x:Y::web", type: "retrofit:x:Y" },
  resource("aws:ec2/vpc:Vpc", "network", { cidrBlock: "10.10.0.0/16" }),
  subnet("public", "eu-central-1a", "10.10.128.0/21"),
  subnet("app", "eu-central-1b", "10.10.16.0/20"),
  resource("aws:ec2/natGateway:NatGateway", "nat", { subnetId: "network-public-a-id" }),
  resource("aws:lb/loadBalancer:LoadBalancer", "web", { dnsName: "web.example.com" }),
  resource("aws:lb/listener:Listener", "web-test", { port: 8443, protocol: "HTTP", defaultActions: [] }),
  resource("aws:lb/listener:Listener", "web", {
    port: 80,
    protocol: "HTTP",
    // The provider names the only group once more beside the list.
    defaultActions: [
      {
        targetGroupArn: "",
        forward: {
          targetGroups: [
            { arn: "new", weight: 90 },
            { arn: "old", weight: 10 },
          ],
        },
      },
    ],
  }),
  group("web-1-0-0", "old"),
  group("web-1-1-0", "new"),
  resource("aws:rds/instance:Instance", "database", {
    instanceClass: "db.<t4g>",
    allocatedStorage: 20,
    multiAz: true,
  }),
  resource("aws:s3/bucket:Bucket", "artifacts", {}),
  resource("aws:iam/role:Role", "web", {}),
];

test("a picture has the zones, who gets how much of the traffic, the stores, and counts the rest", () => {
  const picture = pictureOf("dev", state);
  expect(picture).toMatchObject({
    network: "10.10.0.0/16",
    zones: ["eu-central-1a", "eu-central-1b"],
    gateways: ["eu-central-1a"],
    loadBalancer: { lines: ["web.example.com", "HTTP 80, HTTP 8443"] },
    stores: [{ title: "PostgreSQL", lines: ["db.<t4g>", "20 GB, two zones"] }],
    services: [{ title: "Bucket: artifacts" }],
    others: { role: 1 },
  });
  expect(picture.fleets.map(({ title, share }) => [title, share])).toEqual([
    ["web-1-1-0", 90],
    ["web-1-0-0", 10],
  ]);
});

test("a group that stands alone in a listener gets all of the traffic", () => {
  const alone = [
    resource("aws:lb/listener:Listener", "web", { defaultActions: [{ targetGroupArn: "old" }] }),
    group("web-1-0-0", "old"),
  ];
  expect(pictureOf("dev", alone).fleets[0]!.share).toBe(100);
});

test("the drawing is SVG in which no name is markup, also of an environment with nothing in it", () => {
  const svg = draw(pictureOf("dev", state));
  expect(svg).toMatch(/^<svg xmlns=[\s\S]*<\/svg>\n$/);
  expect(svg).toContain("90 % of the traffic");
  expect(svg).not.toContain("db.<t4g>");
  expect(draw(pictureOf("dev", []))).toContain("</svg>");
});
