import fc from "fast-check";
import {
  maxZones,
  PRIVATE_RANGES,
  planSubnets,
  TIERS,
  type Tier,
  tierBlock,
  vpcCidrProblems,
} from "./address-plan";
import { type Cidr, canonical, contains, formatCidr, ipv6Subnet, overlaps, parseCidr, sizeOf } from "./cidr";

/** Any block that a VPC may have, in any of the private ranges. */
const vpcs = fc
  .tuple(
    fc.constantFrom(...PRIVATE_RANGES),
    fc.integer({ min: 16, max: 24 }),
    fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  )
  .map(([range, prefix, where]) => {
    const outer = parseCidr(range)!;
    const first = outer.first + Math.floor(where * sizeOf(outer.prefix));
    return formatCidr(canonical({ first, prefix }));
  });
const vpcAndZones = vpcs.chain((vpc) =>
  fc.tuple(fc.constant(vpc), fc.integer({ min: 1, max: maxZones(read(vpc).prefix) })),
);
const someTiers = fc.subarray([...TIERS], { minLength: 1 });

function read(cidr: string): Cidr {
  return parseCidr(cidr)!;
}

describe("address plan, for every block, number of zones and set of tiers", () => {
  test("a subnet lies in its tier's block, and that in the VPC", () => {
    fc.assert(
      fc.property(vpcAndZones, someTiers, ([vpc, zones], tiers) => {
        const plan = planSubnets(vpc, zones, tiers);
        expect(plan).toHaveLength(zones * tiers.length);
        for (const { tier, cidr } of plan) {
          expect(contains(read(tierBlock(vpc, tier)), read(cidr))).toBe(true);
          expect(contains(read(vpc), read(cidr))).toBe(true);
        }
      }),
    );
  });

  test("no two subnets overlap, and none touches the reserved part", () => {
    fc.assert(
      fc.property(vpcAndZones, ([vpc, zones]) => {
        const blocks = [...planSubnets(vpc, zones).map((s) => s.cidr), tierBlock(vpc, "reserved")].map(read);
        for (const [i, a] of blocks.entries()) {
          for (const b of blocks.slice(i + 1)) expect(overlaps(a, b)).toBe(false);
        }
      }),
    );
  });

  test("a network that gets more zones keeps every subnet it has", () => {
    fc.assert(
      fc.property(vpcAndZones, someTiers, ([vpc, zones], tiers) => {
        const all = planSubnets(vpc, maxZones(read(vpc).prefix), tiers);
        expect(all).toEqual(expect.arrayContaining(planSubnets(vpc, zones, tiers)));
      }),
    );
  });

  test("a network that gets another tier keeps every subnet it has", () => {
    fc.assert(
      fc.property(vpcAndZones, someTiers, ([vpc, zones], tiers) => {
        expect(planSubnets(vpc, zones)).toEqual(expect.arrayContaining(planSubnets(vpc, zones, tiers)));
      }),
    );
  });

  test("the order in which tiers are written changes nothing", () => {
    fc.assert(
      fc.property(vpcAndZones, fc.shuffledSubarray([...TIERS]), ([vpc, zones], tiers) => {
        const inOrder = TIERS.filter((tier) => tiers.includes(tier));
        expect(planSubnets(vpc, zones, tiers)).toEqual(planSubnets(vpc, zones, inOrder));
      }),
    );
  });

  test("subnets are as large as AWS allows, load balancers ask for, and app has the most", () => {
    fc.assert(
      fc.property(vpcAndZones, ([vpc, zones]) => {
        const prefix = (tier: Tier) => read(planSubnets(vpc, zones, [tier])[0]!.cidr).prefix;
        expect(prefix("data")).toBeLessThanOrEqual(28);
        expect(prefix("public")).toBeLessThanOrEqual(27);
        expect(prefix("app")).toBeLessThan(Math.min(prefix("public"), prefix("data")));
      }),
    );
  });

  test("each subnet has a /64 of its own", () => {
    fc.assert(
      fc.property(vpcAndZones, ([vpc, zones]) => {
        const indexes = planSubnets(vpc, zones).map((s) => s.ipv6Index);
        expect(new Set(indexes).size).toBe(indexes.length);
        expect(Math.max(...indexes)).toBeLessThan(256);
      }),
    );
  });
});

describe("address plan of networks that exist", () => {
  // These blocks are in use wherever the component is: a change here moves the subnets of running networks.
  test.each([
    [
      "10.0.0.0/16",
      3,
      ["10.0.128.0/21", "10.0.136.0/21", "10.0.144.0/21"],
      ["10.0.0.0/20", "10.0.16.0/20", "10.0.32.0/20"],
      ["10.0.192.0/22", "10.0.196.0/22", "10.0.200.0/22"],
    ],
    [
      "100.64.4.0/22",
      2,
      ["100.64.6.0/27", "100.64.6.32/27"],
      ["100.64.4.0/26", "100.64.4.64/26"],
      ["100.64.7.0/28", "100.64.7.16/28"],
    ],
    [
      "192.168.7.0/24",
      2,
      ["192.168.7.128/27", "192.168.7.160/27"],
      ["192.168.7.0/26", "192.168.7.64/26"],
      ["192.168.7.192/28", "192.168.7.208/28"],
    ],
  ] as const)("%s in %i zones", (vpc, zones, publicBlocks, appBlocks, dataBlocks) => {
    expect(planSubnets(vpc, zones).map((s) => s.cidr)).toEqual([
      ...publicBlocks,
      ...appBlocks,
      ...dataBlocks,
    ]);
  });

  test.each([
    ["10.0.0.0/16", 6],
    ["10.0.0.0/22", 6],
    ["10.0.0.0/23", 4],
    ["10.0.0.0/24", 2],
  ])("%s has room for %i zones", (vpc, zones) => {
    expect(maxZones(read(vpc).prefix)).toBe(zones);
    expect(() => planSubnets(vpc, zones + 1)).toThrow(`allowed: 1 to ${zones}`);
  });
});

describe("a VPC's block that cannot be planned is refused with what to write instead", () => {
  test.each([
    ["10.0.0.0", 'such as "10.0.0.0/16"'],
    ["10.0.0.256/16", 'such as "10.0.0.0/16"'],
    ["2001:db8::/56", 'such as "10.0.0.0/16"'],
    ["10.0.0.0/8", 'write "10.0.0.0/16"'],
    ["10.7.0.0/12", 'write "10.7.0.0/16"'],
    ["10.0.0.0/25", "a /24 or larger"],
    ["10.0.5.0/16", '"10.0.0.0/16"'],
    ["8.8.0.0/16", "inside 10.0.0.0/8"],
    ["172.32.0.0/16", "inside 10.0.0.0/8"],
    ["100.128.0.0/16", "inside 10.0.0.0/8"],
  ])("%s", (cidr, advice) => {
    const [problem, ...more] = vpcCidrProblems("cidr", cidr);
    expect(more).toEqual([]);
    expect(problem).toMatchObject({ property: "cidr", got: cidr });
    expect(problem?.fix).toContain(advice);
    expect(() => planSubnets(cidr, 2)).toThrow(RangeError);
  });

  test("every block of a private range from /16 to /24 is taken", () => {
    fc.assert(fc.property(vpcs, (vpc) => expect(vpcCidrProblems("cidr", vpc)).toEqual([])));
  });
});

describe("IPv6 subnets are written as AWS writes them", () => {
  test.each([
    ["2600:1f13:abc:de00::/56", 0, "2600:1f13:abc:de00::/64"],
    ["2600:1f13:abc:de00::/56", 33, "2600:1f13:abc:de21::/64"],
    ["2600:1f13:abc::/56", 0, "2600:1f13:abc::/64"],
    ["2600:1f13:abc::/56", 16, "2600:1f13:abc:10::/64"],
    ["2600:1f13::/56", 0, "2600:1f13::/64"],
    ["2600:1f13:0:100::/56", 255, "2600:1f13:0:1ff::/64"],
  ])("%s number %i is %s", (block, index, subnet) => {
    expect(ipv6Subnet(block, index)).toBe(subnet);
  });
});
