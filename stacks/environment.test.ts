import { graphOf } from "../components/shared/mocks";
import { loadEnvironmentConfig } from "./config";
import { environment } from "./environment";

// The first graph pays for loading the SDK, which a busy machine takes its time for.
jest.setTimeout(60_000);

const values = (more: object) => ({
  "aws:region": "eu-central-1",
  "retrofit:size": "small",
  "retrofit:application": { name: "shop", command: "node server.js" },
  "retrofit:network": { cidr: "10.20.0.0/16" },
  "retrofit:web": { testers: ["10.0.0.0/8"] },
  ...more,
});

const withKeys = (more: object) => {
  const config = loadEnvironmentConfig({ stack: "dev", values: values(more), projectRoot: __dirname });
  const calls = {
    "aws:ec2/getAmi:getAmi": () => ({ id: "ami-1", architecture: "x86_64", rootDeviceName: "/dev/xvda" }),
  };
  return graphOf(() => environment(config, __dirname), { calls });
};
const made = (vpn?: object) => withKeys(vpn ? { "retrofit:vpn": vpn } : {});

const office = {
  name: "office",
  address: "198.51.100.2",
  networks: [{ name: "legacy", cidr: "192.168.50.0/24" }],
};

test("an environment's office gets in where its file says, and its network lets it through", async () => {
  const graph = await made({ peers: [office], allow: [{ from: "legacy", to: "machines", ports: [8080] }] });
  const rule = graph.one(
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    "vpn-legacy-machines-tcp-8080",
  ).inputs;
  expect([rule.cidrIpv4, rule.securityGroupId]).toEqual(["192.168.50.0/24", "web-machines-id"]);
  for (const { inputs } of graph.ofType("aws:ec2/networkAcl:NetworkAcl")) {
    expect(inputs.ingress.map(({ cidrBlock }: { cidrBlock?: string }) => cidrBlock)).toContain(
      "192.168.50.0/24",
    );
  }
  expect(graph.names("aws:ec2/vpnConnection:VpnConnection")).toEqual(["vpn-office"]);
});

test("an environment can do without a VPN", async () => {
  const graph = await made();
  expect(graph.resources.filter(({ type }) => /vpn|customerGateway|SiteToSite/i.test(type))).toEqual([]);
  expect(graph.result.vpn).toBeNull();
});

test("an environment shares the hub of another", async () => {
  const hub = { transitGatewayId: "tgw-1a", environmentsTableId: "tgw-rtb-1a", peersTableId: "tgw-rtb-2b" };
  const graph = await made({
    gateway: "tgw",
    hub,
    hubNetworks: [{ name: "legacy", cidr: "192.168.50.0/24" }],
  });
  expect(graph.one("aws:ec2transitgateway/vpcAttachment:VpcAttachment").inputs.transitGatewayId).toBe(
    "tgw-1a",
  );
  expect(graph.names("aws:ec2/vpnConnection:VpnConnection")).toEqual([]);
});

test("an environment with hours has no machine outside of them, and its own bounds within", async () => {
  const graph = await withKeys({
    "retrofit:hours": { start: "0 7 * * 1-5", stop: "0 19 * * 1-5", timeZone: "Europe/Berlin" },
    "retrofit:web": { testers: ["10.0.0.0/8"], min: 2, max: 5 },
    "retrofit:live": { version: "1.0.0", artifact: "../sample/releases/1.0.0" },
  });
  const schedules = graph.ofType("aws:autoscaling/schedule:Schedule").map(({ inputs }) => inputs);
  const of = (schedule: Record<string, unknown>) =>
    ["recurrence", "timeZone", "minSize", "maxSize"].map((key) => schedule[key]);
  expect(schedules.map(of).sort()).toEqual([
    ["0 19 * * 1-5", "Europe/Berlin", 0, 0],
    ["0 7 * * 1-5", "Europe/Berlin", 2, 5],
  ]);
});
