import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { VpnConnection } from "@aws-sdk/client-ec2";
import { type ConnectionData, connectionData } from "./connection-data";
import { diagnose } from "./diagnose";
import type { Facts } from "./facts";
import { genericFiles } from "./generic";
import { tunnelNow } from "./office-facts";
import { espProposals, ikeProposals } from "./proposals";
import { strongswanFiles } from "./strongswan";
import { writeDeviceFiles } from "./write-files";

const end = (name: string, outside: string, inside: string, asn: number) =>
  `<${name}><tunnel_outside_address><ip_address>${outside}</ip_address></tunnel_outside_address><tunnel_inside_address><ip_address>${inside}</ip_address><network_mask>255.255.255.252</network_mask><network_cidr>30</network_cidr></tunnel_inside_address><bgp><asn>${asn}</asn></bgp></${name}>`;
const tunnelXml = (n: number) =>
  `<ipsec_tunnel>${end("customer_gateway", "198.51.100.2", `169.254.2${n}.2`, 65_010)}${end("vpn_gateway", `203.0.113.${n}`, `169.254.2${n}.1`, 64_512)}<ike><pre_shared_key>key.${n}&amp;_</pre_shared_key></ike><ipsec><tcp_mss_adjustment>1379</tcp_mss_adjustment></ipsec></ipsec_tunnel>`;
const list = <T>(...of: T[]) => of.map((Value) => ({ Value }));
const connection = {
  State: "available",
  CustomerGatewayConfiguration: `<vpn_connection>${tunnelXml(1)}${tunnelXml(2)}</vpn_connection>`,
  Options: {
    // The other way round, as AWS may list them.
    TunnelOptions: [2, 1].map((n) => ({
      OutsideIpAddress: `203.0.113.${n}`,
      IkeVersions: list("ikev2"),
      Phase1EncryptionAlgorithms: list("AES256-GCM-16", "AES256"),
      Phase1IntegrityAlgorithms: list("SHA2-256", "SHA2-512"),
      Phase1DHGroupNumbers: list(14, 20),
      Phase2EncryptionAlgorithms: list("AES256-GCM-16"),
      Phase2IntegrityAlgorithms: list("SHA2-256"),
      Phase2DHGroupNumbers: list(20),
      Phase1LifetimeSeconds: 14_400,
      Phase2LifetimeSeconds: n === 1 ? 1800 : 900,
      DpdTimeoutSeconds: 60,
    })),
  },
} as VpnConnection;

const data = (more: Partial<ConnectionData> = {}): ConnectionData => ({
  ...connectionData(
    "dev",
    "office",
    {
      connectionId: "vpn-0abc12",
      routing: "static",
      networks: { legacy: "192.168.50.0/24" },
      authentication: "key",
      loosened: [],
      logGroup: null,
    },
    "10.20.0.0/16",
    connection,
  ),
  ...more,
});

describe("the configuration of the device", () => {
  test("each tunnel gets its own options, whatever the order in which AWS lists them", () => {
    expect(data().tunnels.map(({ outside, key, phase2 }) => [outside, key, phase2.lifetimeSeconds])).toEqual([
      ["203.0.113.1", "key.1&_", 1800],
      ["203.0.113.2", "key.2&_", 900],
    ]);
  });

  test("algorithms are spelled as strongSwan does, GCM apart from CBC, strongest first", () => {
    const { phase1, phase2 } = data().tunnels[0]!;
    expect(ikeProposals(phase1)).toEqual([
      "aes256gcm16-prfsha512-prfsha256-ecp384-modp2048",
      "aes256-sha512-sha256-ecp384-modp2048",
    ]);
    expect(espProposals(phase2)).toEqual(["aes256gcm16-ecp384"]);
  });

  test("a dead peer is given up before AWS gives up the device", () => {
    const daemon = strongswanFiles(data(), "policy").find(({ name }) =>
      name.startsWith("strongswan.d/"),
    )!.content;
    const number = (key: string) => Number(new RegExp(`${key} = ([\\d.]+)`).exec(daemon)![1]);
    const repeats = Array.from(
      { length: number("retransmit_tries") + 1 },
      (_, i) => number("retransmit_timeout") * number("retransmit_base") ** i,
    );
    const delay = Number(/dpd_delay = (\d+)s/.exec(strongswanFiles(data(), "policy")[0]!.content)![1]);
    const whole = delay + repeats.reduce((sum, part) => sum + part, 0);
    expect(whole).toBeLessThan(60);
    expect(whole).toBeGreaterThan(40);
    expect(daemon).toContain("mss = 1379");
  });

  test("with interfaces the second tunnel's routes have the higher metric, and go with the tunnel", () => {
    const files = strongswanFiles(data(), "route");
    const script = files.find(({ executable }) => executable)!.content;
    expect(script).toMatch(
      /retrofit-dev-office-1\)[\s\S]*metric=100[\s\S]*retrofit-dev-office-2\)[\s\S]*metric=200/,
    );
    expect(script).toContain('ip route replace 10.20.0.0/16 dev "$interface" metric "$metric"');
    expect(script).toContain('ip route del 10.20.0.0/16 dev "$interface" metric "$metric"');
    const ids = [...files[0]!.content.matchAll(/if_id_in = (\d+)/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(2);
    expect(files[1]!.content).toContain("install_routes = no");
  });

  test("with BGP the routing daemon gets both sessions, and the second is the longer way", () => {
    const files = strongswanFiles(data({ routing: "bgp" }), "route");
    const frr = files.find(({ name }) => name.startsWith("frr/"))!.content;
    expect(frr).toContain("router bgp 65010");
    expect(frr).toContain("neighbor 169.254.21.1 remote-as 64512");
    expect(frr).toContain("neighbor 169.254.22.1 route-map RETROFIT-SECOND out");
    expect(files.find(({ executable }) => executable)!.content).not.toContain("ip route replace");
  });

  test("a device with a certificate gets no key", () => {
    const [swanctl] = strongswanFiles(data({ authentication: "certificate" }), "policy");
    expect(swanctl!.content).toContain("auth = pubkey");
    expect(swanctl!.content).not.toMatch(/secret|key\.1/);
  });

  test("keys that AWS keeps in Secrets Manager are left to be filled in, with the place where they are", () => {
    const tunnels = data().tunnels.map(({ key: _, ...tunnel }) => tunnel);
    const [swanctl] = strongswanFiles(data({ tunnels, keySecretArn: "arn:of:secret" }), "policy");
    expect(swanctl!.content).toContain('secret = "FILL IN: key 1 of the secret arn:of:secret"');
  });

  test("any other device gets every parameter of both tunnels", () => {
    const { content } = genericFiles(data())[0]!;
    for (const part of [
      "203.0.113.1",
      "203.0.113.2",
      "key.1&_",
      "AES256-GCM-16",
      "169.254.21.2/30",
      "1379",
      "metric 200",
      "192.168.50.0/24",
      "UDP 4500",
    ]) {
      expect(content).toContain(part);
    }
  });

  test("files with keys are for their owner alone, also when they were there before", () => {
    const folder = mkdtempSync(join(tmpdir(), "retrofit-vpn-files-"));
    const write = (secret: boolean) =>
      writeDeviceFiles(join(folder, "out"), [{ name: "a/b.conf", content: "x", secret }])[0]!;
    write(false);
    const file = write(true);
    expect([statSync(file).mode & 0o777, statSync(join(folder, "out")).mode & 0o777]).toEqual([0o600, 0o700]);
    expect(readFileSync(join(folder, "out", ".gitignore"), "utf8")).toBe("*\n");
    rmSync(folder, { recursive: true });
  });
});

describe("the likeliest cause", () => {
  const facts = (attempt: string | undefined, more: Partial<Facts["aws"]> = {}): Facts => ({
    peer: "office",
    networks: { legacy: "192.168.50.0/24" },
    tunnels: [
      {
        number: 1,
        outside: "203.0.113.1",
        awsUp: attempt === undefined,
        awsMessage: "",
        office: {
          up: attempt === undefined,
          bytesIn: 9,
          bytesOut: 9,
          ...(attempt === undefined ? {} : { attempt }),
        },
      },
      {
        number: 2,
        outside: "203.0.113.2",
        awsUp: true,
        awsMessage: "",
        office: { up: true, bytesIn: 9, bytesOut: 9 },
      },
    ],
    aws: {
      gateway: "vgw",
      gatewayId: "vgw-1",
      state: "available",
      routing: "static",
      staticRoutes: ["192.168.50.0/24"],
      learntRoutes: 1,
      tables: [{ id: "rtb-1", propagates: true, leadsTo: ["192.168.50.0/24"] }],
      openings: [],
      ...more,
    },
  });
  const causes = (of: Facts) => diagnose(of).map(({ tunnel, cause }) => [tunnel, cause]);

  test("nothing wrong, nothing said", () => expect(causes(facts(undefined))).toEqual([]));

  test.each([
    [
      "udp-500",
      "[NET] sending packet: from 10.0.0.2[500] to 203.0.113.1[500] (364 bytes)\n[IKE] retransmit 1 of request",
    ],
    [
      "udp-4500",
      "[NET] sending packet: from 10.0.0.2[500] to 203.0.113.1[500] (364 bytes)\n[ENC] parsed IKE_SA_INIT response\n[NET] sending packet: from 10.0.0.2[4500] to 203.0.113.1[4500] (300 bytes)",
    ],
    [
      "key",
      "[NET] sending packet: from a[4500] to b[4500]\n[IKE] received AUTHENTICATION_FAILED notify error",
    ],
    ["proposals", "[IKE] received NO_PROPOSAL_CHOSEN notify error"],
    ["selectors", "[IKE] received TS_UNACCEPTABLE notify, no CHILD_SA built"],
    ["not-loaded", "initiate failed: CHILD_SA config 'retrofit-dev-office-1' not found"],
    ["unknown", ""],
  ])("%s", (cause, attempt) => expect(causes(facts(attempt))).toEqual([[1, cause]]));

  test("routes: a table that the gateway does not tell, a static route that is gone, a hub's route that leads nowhere, no BGP", () => {
    expect(causes(facts(undefined, { tables: [{ id: "rtb-1", propagates: false, leadsTo: [] }] }))).toEqual([
      [undefined, "routes"],
    ]);
    expect(causes(facts(undefined, { staticRoutes: [] }))).toEqual([[undefined, "routes"]]);
    expect(
      causes(
        facts(undefined, {
          gateway: "tgw",
          tables: [{ id: "rtb-1", propagates: false, leadsTo: ["10.9.0.0/16"] }],
        }),
      ),
    ).toEqual([[undefined, "routes"]]);
    expect(causes(facts(undefined, { routing: "bgp", learntRoutes: 0 }))).toEqual([[undefined, "routes"]]);
  });

  test("an opening that is closed, and packets that nobody answers", () => {
    const openings = [{ from: "legacy", to: "web", securityGroupId: "sg-1", port: "tcp 8080", open: false }];
    expect(causes(facts(undefined, { openings }))).toEqual([[undefined, "security-group"]]);
    const silent = facts(undefined);
    for (const tunnel of silent.tunnels) tunnel.office = { up: true, bytesIn: 0, bytesOut: 5 };
    expect(causes(silent)).toEqual([[undefined, "security-group"]]);
  });

  test("where nobody could look at the office, that is said", () => {
    const blind = facts(undefined);
    blind.tunnels = [{ number: 1, outside: "203.0.113.1", awsUp: false, awsMessage: "IPSEC IS DOWN" }];
    expect(diagnose(blind)[0]).toMatchObject({
      tunnel: 1,
      cause: "unknown",
      says: expect.stringContaining("was not looked at"),
    });
  });

  test("swanctl's list is read tunnel by tunnel", () => {
    const text = `retrofit-dev-office-1: #2, ESTABLISHED, IKEv2, aa_i* bb_r
  retrofit-dev-office-1: #1, reqid 1, INSTALLED, TUNNEL-in-UDP, ESP:AES_GCM_16-256
    in  eec04f53,    216 bytes,     4 packets,     0s ago
    out a118fdeb,    300 bytes,     5 packets
retrofit-dev-office-2: #3, CONNECTING, IKEv2, cc_i* 0000_r
`;
    expect(tunnelNow(text, "retrofit-dev-office-1")).toEqual({ up: true, bytesIn: 216, bytesOut: 300 });
    expect(tunnelNow(text, "retrofit-dev-office-2").up).toBe(false);
  });
});
