import { errorOf, type Graph, graphOf, resolved } from "../../shared/mocks";
import { Network } from "../network";
import type { SiteToSiteVpnArgs, VpnPeerArgs } from "./args";
import { readKey } from "./connection";
import { SiteToSiteVpn } from "./site-to-site-vpn";
import { LOOSENING_WORDS, tunnelSettings } from "./tunnel-options";
import { vpnDashboardRow } from "./watch";

const CONNECTION = "aws:ec2/vpnConnection:VpnConnection";
const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";
const RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule";

const office: VpnPeerArgs = { address: "198.51.100.2", networks: { legacy: "192.168.50.0/24" } };

function make(args: Partial<SiteToSiteVpnArgs> = {}, cidr = "10.20.0.0/16"): SiteToSiteVpn {
  const network = new Network("main", { cidr, nat: "none" });
  return new SiteToSiteVpn("vpn", { network, peers: { office }, ...args });
}

const graph = (args: Partial<SiteToSiteVpnArgs> = {}): Promise<Graph<SiteToSiteVpn>> =>
  graphOf(() => make(args), {
    state: ({ type, name }) =>
      type === CONNECTION
        ? {
            tunnel1Address: "203.0.113.1",
            tunnel2Address: "203.0.113.2",
            transitGatewayAttachmentId: `${name}-attachment`,
          }
        : undefined,
  });

const peer = (more: Partial<VpnPeerArgs>): Partial<SiteToSiteVpnArgs> => ({
  peers: { office: { ...office, ...more } },
});

describe("what is made", () => {
  test("both tunnels get the hardened options, and no other word of weakness", async () => {
    const { inputs } = (await graph()).one(CONNECTION);
    for (const tunnel of ["tunnel1", "tunnel2"]) {
      expect(inputs[`${tunnel}IkeVersions`]).toEqual(["ikev2"]);
      for (const phase of ["Phase1", "Phase2"]) {
        expect(inputs[`${tunnel}${phase}EncryptionAlgorithms`]).toEqual(["AES256-GCM-16"]);
        expect(inputs[`${tunnel}${phase}IntegrityAlgorithms`]).toEqual(["SHA2-256", "SHA2-384", "SHA2-512"]);
        expect(inputs[`${tunnel}${phase}DhGroupNumbers`]).toEqual([19, 20, 21]);
      }
      expect(inputs[`${tunnel}DpdTimeoutAction`]).toBe("restart");
      expect(inputs[`${tunnel}StartupAction`]).toBe("start");
      expect(inputs[`${tunnel}LogOptions`].cloudwatchLogOptions.logEnabled).toBe(true);
    }
    expect(inputs.tags).not.toHaveProperty("retrofit:loosened");
  });

  test("every loosening word adds what it names, and is written on the connection for reviewers", async () => {
    const { inputs } = (await graph(peer({ loosen: ["sha1", "ikev1", "oldGroups"] }))).one(CONNECTION);
    expect(inputs.tunnel1IkeVersions).toEqual(["ikev2", "ikev1"]);
    expect(inputs.tunnel2Phase1IntegrityAlgorithms).toContain("SHA1");
    expect(inputs.tunnel1Phase1DhGroupNumbers).toEqual([19, 20, 21, 2, 22, 23, 24]);
    expect(inputs.tunnel1Phase2DhGroupNumbers).toContain(5);
    // AWS begins in IKEv2 alone.
    expect(inputs.tunnel1StartupAction).toBe("add");
    expect(inputs.tags["retrofit:loosened"]).toBe("ikev1 oldGroups sha1");
  });

  test("each word changes something, and none changes what it does not name", () => {
    const hardened = tunnelSettings();
    for (const word of LOOSENING_WORDS) expect(tunnelSettings({}, [word])).not.toEqual(hardened);
    expect(tunnelSettings({}, ["aes128"]).phase1.encryption).toEqual(["AES256-GCM-16", "AES128-GCM-16"]);
    expect(tunnelSettings({}, ["cbc"]).phase1.encryption).toEqual(["AES256-GCM-16", "AES256"]);
    expect(tunnelSettings({}, ["cbc"]).phase1.integrity).toEqual(hardened.phase1.integrity);
  });

  test("static networks are routed to the peer and spread into app and data tables, not into public ones", async () => {
    const made = await graph();
    expect(made.names("aws:ec2/vpnConnectionRoute:VpnConnectionRoute")).toEqual(["vpn-office-legacy"]);
    expect(made.names("aws:ec2/vpnGatewayRoutePropagation:VpnGatewayRoutePropagation")).toEqual([
      "vpn-app-1",
      "vpn-app-2",
      "vpn-data-1",
    ]);
    expect(made.one(CONNECTION).inputs.staticRoutesOnly).toBe(true);
  });

  test("with an ASN routes are exchanged by BGP and none is written down", async () => {
    const made = await graph({ peers: { office: { address: "198.51.100.2", asn: 65_010 } } });
    expect(made.one(CONNECTION).inputs.staticRoutesOnly).toBe(false);
    expect(made.one("aws:ec2/customerGateway:CustomerGateway").inputs.bgpAsn).toBe("65010");
    expect(made.names("aws:ec2/vpnConnectionRoute:VpnConnectionRoute")).toEqual([]);
    expect(made.one(CONNECTION).inputs.tunnel1LogOptions.cloudwatchLogOptions.bgpLogEnabled).toBe(true);
  });

  test("a hub keeps environments apart: theirs is a table that knows the peers alone", async () => {
    const made = await graph({ gateway: "tgw" });
    const associations = made.ofType("aws:ec2transitgateway/routeTableAssociation:RouteTableAssociation");
    expect(associations.map(({ name, inputs }) => [name, inputs.transitGatewayRouteTableId])).toEqual([
      ["vpn", "vpn-environments-id"],
      ["vpn-office", "vpn-peers-id"],
    ]);
    const propagations = made.ofType("aws:ec2transitgateway/routeTablePropagation:RouteTablePropagation");
    expect(propagations.map(({ name, inputs }) => [name, inputs.transitGatewayRouteTableId])).toEqual([
      ["vpn", "vpn-peers-id"],
    ]);
    const route = made.one("aws:ec2transitgateway/route:Route");
    expect([route.inputs.transitGatewayRouteTableId, route.inputs.transitGatewayAttachmentId]).toEqual([
      "vpn-environments-id",
      "vpn-office-attachment",
    ]);
    const { defaultRouteTableAssociation, defaultRouteTablePropagation } = made.one(
      "aws:ec2transitgateway/transitGateway:TransitGateway",
    ).inputs;
    expect([defaultRouteTableAssociation, defaultRouteTablePropagation]).toEqual(["disable", "disable"]);
    expect(made.names("aws:ec2/route:Route").filter((name) => name.startsWith("vpn-"))).toEqual([
      "vpn-app-1-legacy",
      "vpn-app-2-legacy",
      "vpn-data-1-legacy",
    ]);
  });

  test("a second environment joins the hub of the first without connections of its own", async () => {
    const hub = { transitGatewayId: "tgw-1", environmentsTableId: "tgw-rtb-1", peersTableId: "tgw-rtb-2" };
    const made = await graph({ gateway: "tgw", hub, peers: {}, hubNetworks: { legacy: "192.168.50.0/24" } });
    expect(made.names(CONNECTION)).toEqual([]);
    expect(made.names("aws:ec2transitgateway/transitGateway:TransitGateway")).toEqual([]);
    expect(made.one("aws:ec2transitgateway/vpcAttachment:VpcAttachment").inputs.transitGatewayId).toBe(
      "tgw-1",
    );
    expect(made.names("aws:ec2/route:Route").filter((name) => name.startsWith("vpn-"))).toHaveLength(3);
  });

  test("several peers have a connection, alarms and a row of the dashboard each", async () => {
    const made = await graph({
      peers: { office, depot: { address: "198.51.100.9", networks: { depot: "192.168.60.0/24" } } },
    });
    expect(made.names(CONNECTION)).toEqual(["vpn-depot", "vpn-office"]);
    expect(made.names(ALARM)).toEqual([
      "vpn-depot-down",
      "vpn-depot-tunnel-1-down",
      "vpn-depot-tunnel-2-down",
      "vpn-office-down",
      "vpn-office-tunnel-1-down",
      "vpn-office-tunnel-2-down",
    ]);
    const { widgets } = JSON.parse(made.one("aws:cloudwatch/dashboard:Dashboard").inputs.dashboardBody);
    expect(
      widgets.map(({ properties, y }: { properties: { title: string }; y: number }) => [
        properties.title.split(":")[0],
        y,
      ]),
    ).toEqual(
      expect.arrayContaining([
        ["office", 0],
        ["depot", 6],
      ]),
    );
  });

  test("a tunnel that reports nothing counts as down, and both down is told at the first sight of it", async () => {
    const made = await graph({ alarmTopicArns: ["arn:aws:sns:eu-central-1:111122223333:on-call"] });
    for (const { inputs } of made.ofType(ALARM)) {
      expect([inputs.treatMissingData, inputs.alarmActions]).toEqual([
        "breaching",
        ["arn:aws:sns:eu-central-1:111122223333:on-call"],
      ]);
    }
    expect(made.one(ALARM, "vpn-office-tunnel-1-down").inputs.dimensions).toEqual({
      VpnId: "vpn-office-id",
      TunnelIpAddress: "203.0.113.1",
    });
    const both = made.one(ALARM, "vpn-office-down").inputs;
    expect([both.evaluationPeriods, both.metricQueries.at(-1).expression]).toEqual([
      1,
      "MAX([FILL(tunnel1, 0), FILL(tunnel2, 0)])",
    ]);
  });

  test("openings are for the named network alone, port by port", async () => {
    const made = await graph({
      allow: [{ from: "legacy", to: "web", securityGroupId: "sg-1", ports: [8080, "9000-9010"] }],
    });
    expect(made.ofType(RULE).map(({ inputs }) => [inputs.cidrIpv4, inputs.fromPort, inputs.toPort])).toEqual([
      ["192.168.50.0/24", 8080, 8080],
      ["192.168.50.0/24", 9000, 9010],
    ]);
  });

  test("a peer whose address changes is known by its certificate, and calls by itself", async () => {
    const certificateArn =
      "arn:aws:acm:eu-central-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef";
    const made = await graph({
      peers: { office: { certificateArn, networks: { legacy: "192.168.50.0/24" } } },
    });
    const device = made.one("aws:ec2/customerGateway:CustomerGateway").inputs;
    expect([device.certificateArn, "ipAddress" in device]).toEqual([certificateArn, false]);
    const { tunnel1StartupAction, tunnel1DpdTimeoutAction } = made.one(CONNECTION).inputs;
    expect([tunnel1StartupAction, tunnel1DpdTimeoutAction]).toEqual(["add", "clear"]);
  });

  test("keys: none is asked for by default, and those of Secrets Manager stay there when AWS is to keep them", async () => {
    const plain = (await graph()).one(CONNECTION).inputs;
    expect([plain.tunnel1PresharedKey, plain.presharedKeyStorage]).toEqual([undefined, undefined]);
    const kept = (await graph(peer({ presharedKeys: "secretsManager" }))).one(CONNECTION).inputs;
    expect([kept.presharedKeyStorage, kept.tunnel1PresharedKey]).toEqual(["SecretsManager", undefined]);
  });

  test("a secret that is no pair of keys is refused without being shown", () => {
    expect(readKey('{"tunnel1":"abcdefgh","tunnel2":"x"}', "tunnel1")).toBe("abcdefgh");
    for (const text of ["hunter2-plain", '{"tunnel1":"hunter2"}', '{"tunnel1":"0hunter2222"}']) {
      expect(() => readKey(text, "tunnel1")).toThrow(/has to be the JSON text/);
      try {
        readKey(text, "tunnel1");
      } catch (error) {
        expect((error as Error).message).not.toContain("hunter2");
      }
    }
  });

  test("logs and dashboard can be left out, and a connection protected", async () => {
    const made = await graph({ logRetentionDays: 0, dashboard: false, protected: true });
    expect(made.names("aws:cloudwatch/dashboard:Dashboard")).toEqual([]);
    expect("tunnel1LogOptions" in made.one(CONNECTION).inputs).toBe(false);
    expect(made.one(CONNECTION).options.protect).toBe(true);
  });

  test("what the command line reads has ids and networks", async () => {
    const { result } = await graph();
    expect(await resolved(result.summary)).toMatchObject({
      region: "eu-central-1",
      gateway: "vgw",
      vpcCidr: "10.20.0.0/16",
      networks: { legacy: "192.168.50.0/24" },
      peers: {
        office: { connectionId: "vpn-office-id", routing: "static", authentication: "key", loosened: [] },
      },
      hub: null,
    });
  });

  test("a row of a dashboard fits into one of somebody else's", () => {
    const row = vpnDashboardRow(
      { title: "office", region: "eu-central-1", connectionId: "vpn-1", tunnelAddresses: ["203.0.113.1"] },
      12,
    );
    expect(row).toHaveLength(3);
    expect(row.every((widget) => (widget as { y: number }).y === 12)).toBe(true);
  });
});

/** Wrong input, and what its one message has to say. */
const WRONG: [what: string, args: Partial<SiteToSiteVpnArgs>, property: string, says: string][] = [
  [
    "a peer's network inside of the VPC",
    peer({ networks: { legacy: "10.20.8.0/24" } }),
    "peers.office.networks.legacy",
    "overlaps the VPC, 10.20.0.0/16",
  ],
  [
    "two peers with the same addresses",
    { peers: { office, depot: { address: "198.51.100.9", networks: { depot: "192.168.0.0/16" } } } },
    "peers.depot.networks.depot",
    "overlaps the network legacy of office, 192.168.50.0/24",
  ],
  [
    "another environment's VPC",
    { otherNetworks: { prod: "10.0.0.0/8" } },
    "otherNetworks.prod",
    "Prod, 10.0.0.0/8, overlaps the VPC, 10.20.0.0/16",
  ],
  [
    "the same inside addresses twice",
    peer({ insideCidrs: ["169.254.20.0/30", "169.254.20.0/30"] }),
    "peers.office.insideCidrs[1]",
    "169.254.20.0/30",
  ],
  [
    "inside addresses that AWS keeps",
    peer({ insideCidrs: ["169.254.0.0/30", "169.254.21.0/30"] }),
    "peers.office.insideCidrs[0]",
    "AWS keeps 169.254.0.0/30",
  ],
  [
    "a private peer address",
    peer({ address: "192.168.1.1" }),
    "peers.office.address",
    "That address is private",
  ],
  [
    "a peer that cannot be known",
    { peers: { office: { networks: office.networks! } } },
    "peers.office.address",
    "Add the device's public address",
  ],
  ["an ASN of AWS's own", peer({ asn: 7224 }), "peers.office.asn", "got 7224"],
  ["an ASN of AWS's end that is public", { amazonAsn: 3320 }, "amazonAsn", "private number"],
  [
    "a weak group without its word",
    peer({ tunnels: { phase1: { groups: [2] } } }),
    "peers.office.tunnels.phase1.groups",
    'adding "oldGroups" to peers.office.loosen',
  ],
  [
    "IKEv1 without its word",
    peer({ tunnels: { ikeVersions: ["ikev1", "ikev2"], startupAction: "add" } }),
    "peers.office.tunnels.ikeVersions",
    '"ikev1"',
  ],
  [
    "a lifetime beyond the short one",
    peer({ tunnels: { phase2: { lifetimeSeconds: 3600 } } }),
    "peers.office.tunnels.phase2.lifetimeSeconds",
    '"longLifetimes"',
  ],
  [
    "static routing without networks",
    { peers: { office: { address: "198.51.100.2" } } },
    "peers.office.networks",
    "or give asn",
  ],
  [
    "a hub without the networks behind it",
    { gateway: "tgw", peers: { office: { address: "198.51.100.2", asn: 65_010 } } },
    "peers.office.networks",
    "do not learn routes",
  ],
  ["acceleration of a gateway that has none", { accelerated: true }, "accelerated", 'Set gateway to "tgw"'],
  [
    "an opening for nobody",
    { allow: [{ from: "nobody", to: "web", securityGroupId: "sg-1", ports: [80] }] },
    "allow[0].from",
    "legacy",
  ],
  ["no peer at all", { peers: {} }, "peers", "Add a peer"],
  [
    "a key in plain sight",
    peer({ presharedKeys: "hunter2hunter2" as never }),
    "peers.office.presharedKeys",
    "Never write keys here",
  ],
  [
    "AWS beginning where it cannot",
    peer({ loosen: ["ikev1"], tunnels: { startupAction: "start" } }),
    "peers.office.tunnels.startupAction",
    "AWS begins only in IKEv2",
  ],
  [
    "a rekeying margin of more than half",
    peer({ tunnels: { rekeyMarginSeconds: 1000 } }),
    "peers.office.tunnels.rekeyMarginSeconds",
    "from 60 to 900",
  ],
];

describe("wrong input is refused before anything is made, with one message", () => {
  test.each(WRONG)("%s", async (_, args, property, says) => {
    const message = await errorOf(() => make(args));
    expect(message).toMatch(/^Site-to-site VPN "vpn" has a mistake:\n/);
    expect(message.split("\n")).toHaveLength(3);
    expect(message).toContain(`  ${property}: `);
    expect(message).toContain(says);
    expect(message).not.toContain("hunter2");
  });

  test("a network whose tables are not known yet cannot be joined", async () => {
    const message = await errorOf(() => {
      const network = Network.fromExisting("old", {
        vpcId: "vpc-1",
        cidr: Promise.resolve("10.9.0.0/16"),
        subnets: { app: ["subnet-1"] },
      });
      new SiteToSiteVpn("vpn", { network, peers: { office } });
    });
    expect(message).toContain("network: missing; allowed: a network whose block and route tables are known");
  });
});
