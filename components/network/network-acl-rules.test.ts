import { TIERS, type Tier } from "./address-plan";
import { contains, parseCidr } from "./cidr";
import { type AclRule, type AclSettings, networkAclRules } from "./network-acl-rules";

const settings: AclSettings = {
  cidr: "10.0.0.0/16",
  privateNetworks: ["192.168.10.0/24"],
  nat: "single",
  gatewayEndpoints: ["s3"],
  ipv6: false,
};

interface Packet {
  peer: string;
  protocol: "6" | "17" | "1";
  port: number;
}

const tcp = (peer: string, port: number): Packet => ({ peer, protocol: "6", port });
const udp = (peer: string, port: number): Packet => ({ peer, protocol: "17", port });
const S3 = "52.219.72.10";
const INTERNET = "203.0.113.9";

/** Reads the rules as AWS does: in order of number, the first that fits decides, none is a no. */
function passes(rules: AclRule[], { peer, protocol, port }: Packet): boolean {
  const fits = (rule: AclRule) =>
    rule.cidrBlock !== undefined &&
    contains(parseCidr(rule.cidrBlock as string)!, parseCidr(`${peer}/32`)!) &&
    (rule.protocol === "-1" || (rule.protocol === protocol && inPorts(rule, port)));
  const inPorts = (rule: AclRule, p: number) => Number(rule.fromPort) <= p && p <= Number(rule.toPort);
  const inOrder = [...rules].sort((a, b) => Number(a.ruleNo) - Number(b.ruleNo));
  return inOrder.find(fits)?.action === "allow";
}

/** A connection needs its packets let out and the answers let in, on some high port. */
function canCall(tier: Tier, peer: string, port: number, changes: Partial<AclSettings> = {}): boolean {
  const { egress, ingress } = networkAclRules(tier, { ...settings, ...changes });
  return passes(egress, tcp(peer, port)) && passes(ingress, tcp(peer, 40000));
}

function canBeCalled(tier: Tier, packet: Packet, changes: Partial<AclSettings> = {}): boolean {
  const { egress, ingress } = networkAclRules(tier, { ...settings, ...changes });
  return passes(ingress, packet) && passes(egress, { ...packet, port: 40000 });
}

describe("network ACLs let through what a tier needs", () => {
  test.each(TIERS)("%s talks with the VPC and with named private networks, both ways", (tier) => {
    for (const peer of ["10.0.200.1", "192.168.10.7"]) {
      expect(canCall(tier, peer, 5432)).toBe(true);
      expect(canBeCalled(tier, tcp(peer, 22))).toBe(true);
      expect(canBeCalled(tier, udp(peer, 514))).toBe(true);
    }
  });

  test("clients reach a load balancer, on its test listener too", () => {
    for (const port of [80, 443, 8443]) expect(canBeCalled("public", tcp(INTERNET, port))).toBe(true);
  });

  test("answers reach machines behind NAT: TCP, UDP and oversized-packet notices", () => {
    for (const tier of ["public", "app"] as const) {
      expect(canCall(tier, INTERNET, 443)).toBe(true);
      const { ingress } = networkAclRules(tier, settings);
      expect(passes(ingress, udp(INTERNET, 33000))).toBe(true);
      expect(ingress).toContainEqual(expect.objectContaining({ protocol: "1", icmpType: 3, icmpCode: 4 }));
    }
  });

  test("every tier reaches S3 through its gateway endpoint, with and without NAT", () => {
    for (const tier of TIERS) {
      expect(canCall(tier, S3, 443)).toBe(true);
      expect(canCall(tier, S3, 443, { nat: "none" })).toBe(true);
    }
  });
});

describe("network ACLs keep out what a tier does not need", () => {
  test("a private network that was not named reaches neither app nor data", () => {
    for (const tier of ["app", "data"] as const) {
      for (const peer of ["192.168.11.7", "172.16.0.1", "10.1.0.1", "100.64.0.1"]) {
        expect(canBeCalled(tier, tcp(peer, 5432))).toBe(false);
        expect(canBeCalled(tier, tcp(peer, 443))).toBe(false);
      }
    }
  });

  test("the internet reaches no low port but those of a load balancer", () => {
    for (const port of [21, 22, 25, 445]) {
      for (const tier of TIERS) expect(canBeCalled(tier, tcp(INTERNET, port))).toBe(false);
    }
    for (const port of [80, 443]) {
      for (const tier of ["app", "data"] as const) expect(canBeCalled(tier, tcp(INTERNET, port))).toBe(false);
    }
  });

  test("data sends nothing to the internet but HTTPS, and not even that without gateway endpoints", () => {
    expect(canCall("data", INTERNET, 80)).toBe(false);
    expect(canCall("data", INTERNET, 443, { gatewayEndpoints: [] })).toBe(false);
    expect(canBeCalled("data", tcp(INTERNET, 5432), { gatewayEndpoints: [] })).toBe(false);
  });

  test("app without NAT and without gateway endpoints has no way out", () => {
    expect(canCall("app", INTERNET, 443, { nat: "none", gatewayEndpoints: [] })).toBe(false);
  });
});

describe("network ACLs stay inside what AWS takes", () => {
  const fullest: AclSettings = {
    ...settings,
    ipv6: true,
    privateNetworks: Array.from({ length: 8 }, (_, i) => `192.168.${i}.0/24`),
  };

  test.each(TIERS)("%s has no more than 20 rules each way, each with a number of its own", (tier) => {
    const { ingress, egress } = networkAclRules(tier, fullest, "2600:1f13:abc:de00::/56");
    for (const rules of [ingress, egress]) {
      expect(rules.length).toBeLessThanOrEqual(20);
      expect(new Set(rules.map((r) => r.ruleNo)).size).toBe(rules.length);
    }
  });

  test.each(TIERS)("%s keeps its rules when NAT, IPv6 or a private network is added", (tier) => {
    const before = networkAclRules(tier, { ...settings, nat: "none", privateNetworks: [] });
    const after = networkAclRules(tier, fullest, "2600:1f13:abc:de00::/56");
    expect(after.ingress).toEqual(expect.arrayContaining(before.ingress));
    // What went out over HTTPS to gateway endpoints alone is part of everything once there is NAT.
    const kept = before.egress.filter((rule) => tier === "data" || rule.toPort !== 443);
    expect(after.egress).toEqual(expect.arrayContaining(kept));
  });

  test("with IPv6 app can call out and answers come back, and the VPC's own block is let in", () => {
    const { ingress, egress } = networkAclRules(
      "app",
      { ...settings, ipv6: true },
      "2600:1f13:abc:de00::/56",
    );
    expect(egress).toContainEqual(expect.objectContaining({ protocol: "-1", ipv6CidrBlock: "::/0" }));
    expect(ingress).toContainEqual(
      expect.objectContaining({ protocol: "6", fromPort: 1024, ipv6CidrBlock: "::/0" }),
    );
    expect(ingress).toContainEqual(
      expect.objectContaining({ protocol: "-1", ipv6CidrBlock: "2600:1f13:abc:de00::/56" }),
    );
  });
});
