import { graphOf } from "../components/shared/mocks";
import { loadEnvironmentConfig } from "./config";
import { environment } from "./environment";

// The first graph pays for loading the SDK, which a busy machine takes its time for.
jest.setTimeout(60_000);

const values = (vpn?: object) => ({
  "aws:region": "eu-central-1",
  "retrofit:size": "small",
  "retrofit:application": { name: "shop", command: "node server.js" },
  "retrofit:network": { cidr: "10.20.0.0/16" },
  "retrofit:web": { testers: ["10.0.0.0/8"] },
  ...(vpn && { "retrofit:vpn": vpn }),
});

const made = (vpn?: object) => {
  const config = loadEnvironmentConfig({ stack: "dev", values: values(vpn), projectRoot: __dirname });
  return graphOf(() => environment(config, __dirname));
};

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
