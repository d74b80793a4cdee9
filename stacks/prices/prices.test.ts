import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EnvironmentConfig, PricesConfig } from "../config";
import { loadEnvironmentConfig } from "../config";
import {
  checkBudget,
  dockerSaving,
  estimate,
  findPrices,
  fixedItems,
  machineItems,
  PriceCache,
  times,
} from ".";
import { pricesIn, pricingRegion, productOf } from "./price-list";

let folder: string;
let files = 0;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "retrofit-prices-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const cacheFile = () => join(folder, `prices-${++files}.json`);
const own: PricesConfig = {
  currency: "USD",
  source: "our contract",
  date: "2026-01-31",
  hourly: { "t3.small": 0.02, natGateway: 0.05, loadBalancer: 0.025 },
  volumeGbMonth: 0.1,
};

const config = (more: Record<string, unknown> = {}): EnvironmentConfig =>
  loadEnvironmentConfig({
    stack: "dev",
    projectRoot: folder,
    values: {
      "aws:region": "eu-central-1",
      "retrofit:size": "small",
      "retrofit:application": { name: "shop", command: "node server.js" },
      "retrofit:web": { testers: ["10.0.0.0/8"], max: 10, volumeSizeGb: 10 },
      "retrofit:budget": { monthly: 1000 },
      "retrofit:prices": own,
      ...more,
    },
  });

/** A price list with a price per product; everything else is unknown to it. */
function list(prices: Record<string, number>, currency = "USD") {
  const asked: string[] = [];
  const send = async (command: {
    input: { ServiceCode: string; Filters: { Field: string; Value: string }[] };
  }) => {
    const filters = Object.fromEntries(command.input.Filters.map(({ Field, Value }) => [Field, Value]));
    const key = filters.instanceType ?? filters.productFamily ?? "";
    asked.push(`${command.input.ServiceCode} ${key} ${filters.regionCode}`);
    if (prices[key] === undefined) return { PriceList: [] };
    const usage = filters.instanceType ? `EUC1-BoxUsage:${key}` : "EUC1-NatGateway-Hours";
    return { PriceList: [offer(usage, prices[key], currency)] };
  };
  return { asked, client: { send: send as never } };
}

const offer = (usagetype: string, price: number, currency = "USD") =>
  JSON.stringify({
    product: { attributes: { usagetype } },
    terms: { OnDemand: { a: { priceDimensions: { b: { pricePerUnit: { [currency]: String(price) } } } } } },
  });

const unreachable = { send: (async () => Promise.reject(new Error("getaddrinfo ENOTFOUND"))) as never };

describe("a maximum above the budget", () => {
  const check = (more: Record<string, unknown>) =>
    checkBudget(config(more), {
      client: unreachable,
      cache: new PriceCache(cacheFile()),
      lineOf: (path) => (path.join(".") === "retrofit:web.max" ? 7 : undefined),
    });

  test("is refused with the sum, what it is made of and where the prices are from, and with what would fit", async () => {
    // One machine: 0.02 × 730 + 10 × 0.1 = 15.60; fixed: (0.05 + 0.025) × 730 = 54.75.
    await expect(check({ "retrofit:budget": { monthly: 150 } })).rejects.toThrow(
      [
        "Pulumi.dev.yaml has a mistake:",
        "  line 7, retrofit:web.max: got 10, which may cost 210.75 USD a month: 10 × t3.small × 0.02 USD × 730 h = 146.00 + 100 × GB of disk × 0.1 USD = 10.00 + 1 × load balancer × 0.025 USD × 730 h = 18.25 + 1 × NAT gateway × 0.05 USD × 730 h = 36.50 (our contract, 2026-01-31); allowed: at most 6, within retrofit:budget.monthly of 150.00 USD a month",
        "    → Set max to 6 or less, or raise monthly in retrofit:budget to 211 or more.",
      ].join("\n"),
    );
  });

  test("is the budget's fault where not even one machine fits", async () => {
    await expect(check({ "retrofit:budget": { monthly: 60 } })).rejects.toThrow(
      /retrofit:budget\.monthly: got 60\.00 USD a month, .*\n.*→ Raise monthly in retrofit:budget to 211 or more, or take a smaller web\.instanceType/,
    );
  });

  test("that equals what fits is let through, one machine more is not", async () => {
    const web = (max: number) => ({
      "retrofit:web": { testers: ["10.0.0.0/8"], max, volumeSizeGb: 10 },
      "retrofit:budget": { monthly: 148.35 },
    });
    expect((await check(web(6))).lines[0]).toContain("up to 148.35 USD a month");
    await expect(check(web(7))).rejects.toThrow("got 7");
  });
});

describe("what the check tells", () => {
  const run = (more: Record<string, unknown>, client: { send: never } = unreachable) =>
    checkBudget(config(more), { client, cache: new PriceCache(cacheFile()) });

  test("nothing, and nobody is asked, where there is no budget", async () => {
    const { asked, client } = list({});
    expect(await run({ "retrofit:budget": undefined }, client)).toEqual({ lines: [], warnings: [] });
    expect(asked).toEqual([]);
  });

  test("the sum, and beside it what a swap and a standby may add", async () => {
    const { lines, warnings } = await run({});
    expect(lines[0]).toMatch(/^costs: up to 210\.75 USD a month at the maximum, of a budget of 1000\.00: /);
    // 300 s of health and twice 10 s of watching at 156 USD a month.
    expect(lines[1]).toContain("a second fleet for up to 0.1 h: up to 0.02 USD each");
    expect(lines[2]).toContain(
      "the standby (retrofit:keep.standby hot), for as long as it is kept: up to 156.00 USD",
    );
    expect(warnings).toEqual([]);
  });

  test("a warning where only a standby kept all month would go over", async () => {
    const { warnings } = await run({ "retrofit:budget": { monthly: 300 } });
    expect(warnings).toEqual([expect.stringContaining("it would be 366.75 USD, above 300.00")]);
  });

  test("of a warm standby only its machines, and nothing of a second fleet where releases are made in place", async () => {
    const warm = await run({ "retrofit:keep": { standby: "warm", machines: 2 } });
    expect(warm.lines[2]).toContain("up to 31.20 USD a month");
    expect((await run({ "retrofit:keep": { standby: "none" } })).lines).toHaveLength(2);
    expect((await run({ "retrofit:deployment": "inPlace" })).lines).toHaveLength(1);
  });

  test("without a price for the machines it says so, names the key to set, and checks the rest", async () => {
    const prices = { ...own, hourly: { natGateway: 0.05 }, volumeGbMonth: undefined };
    const { lines, warnings } = await run({ "retrofit:prices": JSON.parse(JSON.stringify(prices)) });
    expect(lines[0]).toContain("up to 36.50 USD a month");
    expect(warnings[0]).toMatch(
      /^retrofit:budget: no price for 10 × t3\.small, 100 × GB of disk, 1 × load balancer: /,
    );
    expect(warnings[0]).toContain("getaddrinfo ENOTFOUND");
    expect(warnings[0]).toContain('retrofit:prices.hourly["t3.small"], retrofit:prices.volumeGbMonth');
    const tight = {
      "retrofit:prices": JSON.parse(JSON.stringify(prices)),
      "retrofit:budget": { monthly: 30 },
    };
    await expect(run(tight)).rejects.toThrow("36.50 USD a month: 1 × NAT gateway");
  });

  test("without any price it warns and lets through: nothing is made up", async () => {
    const { lines, warnings } = await run({ "retrofit:prices": undefined });
    expect(lines).toEqual([]);
    expect(warnings).toHaveLength(1);
  });
});

describe("prices", () => {
  const keys = ["t3.small", "natGateway"];

  test("of the API come before those of config, which fill the gaps, each with source and date", async () => {
    const { client, asked } = list({ "t3.small": 0.03 });
    const { prices } = await findPrices("eu-central-1", keys, {
      own,
      client,
      cache: new PriceCache(cacheFile()),
    });
    const today = new Date().toISOString().slice(0, 10);
    expect(prices.get("t3.small")).toEqual({
      amount: 0.03,
      currency: "USD",
      source: "AWS Pricing API",
      date: today,
    });
    expect(prices.get("natGateway")).toMatchObject({
      amount: 0.05,
      source: "our contract",
      date: "2026-01-31",
    });
    expect(asked).toEqual(["AmazonEC2 t3.small eu-central-1", "AmazonEC2 NAT Gateway eu-central-1"]);
  });

  test("are kept with their day for a week, per region, and asked for again afterwards", async () => {
    const file = cacheFile();
    await findPrices("eu-central-1", keys, {
      client: list({ "t3.small": 0.03, "NAT Gateway": 0.05 }).client,
      cache: new PriceCache(file),
    });
    const again = list({ "t3.small": 9 });
    const kept = await findPrices("eu-central-1", keys, {
      client: again.client,
      cache: new PriceCache(file),
    });
    expect(kept.prices.get("t3.small")?.amount).toBe(0.03);
    expect(again.asked).toEqual([]);
    await findPrices("eu-west-1", keys, { client: again.client, cache: new PriceCache(file) });
    expect(again.asked).toHaveLength(2);
    const later = new PriceCache(file, () => Date.now() + 9 * 86_400_000);
    const fresh = await findPrices("eu-central-1", ["t3.small"], { client: again.client, cache: later });
    expect(fresh.prices.get("t3.small")?.amount).toBe(9);
  });

  describe("where the network answers nothing", () => {
    let silent: Server;
    const before = { ...process.env };
    beforeEach(async () => {
      silent = createServer(() => {});
      await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
      process.env.AWS_ENDPOINT_URL_PRICING = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
      Object.assign(process.env, { AWS_ACCESS_KEY_ID: "x", AWS_SECRET_ACCESS_KEY: "x" });
    });
    afterEach(() => {
      process.env = { ...before };
      silent.closeAllConnections();
      silent.close();
    });

    test("nobody waits long, the next command does not wait at all, and config's prices count", async () => {
      const file = cacheFile();
      let connections = 0;
      silent.on("connection", () => connections++);
      const options = () => ({ own, cache: new PriceCache(file), timeoutMilliseconds: 400 });
      const first = await findPrices("eu-central-1", keys, options());
      expect(first.unreachable).toBe("no answer within 0.4 s");
      expect(first.prices.get("t3.small")?.amount).toBe(0.02);
      expect(connections).toBeGreaterThan(0);
      connections = 0;
      const second = await findPrices("eu-central-1", keys, options());
      expect(second.unreachable).toBe("it could not be reached a moment ago");
      expect(second.prices.get("t3.small")?.amount).toBe(0.02);
      expect(connections).toBe(0);
    });
  });

  test("of reserved capacity, other units and other products are not taken for the price of a machine", () => {
    const machine = productOf("t3.small");
    expect(pricesIn(offer("EUC1-BoxUsage:t3.small", 0.02), machine, "USD")).toEqual([0.02]);
    expect(pricesIn(offer("EUC1-UnusedBox:t3.small", 0.02), machine, "USD")).toEqual([]);
    expect(pricesIn(offer("EUC1-BoxUsage:t3.small", 0), machine, "USD")).toEqual([]);
    expect(pricesIn(offer("EUC1-BoxUsage:t3.small", 0.02), machine, "CNY")).toEqual([]);
    expect(pricesIn(offer("NatGateway-Bytes", 0.05), productOf("natGateway"), "USD")).toEqual([]);
    expect(pricesIn(offer("NatGateway-Hours", 0.05), productOf("natGateway"), "USD")).toEqual([0.05]);
  });

  test.each([
    ["eu-west-3", "eu-central-1"],
    ["us-west-2", "us-east-1"],
    ["ap-southeast-2", "ap-south-1"],
    ["cn-north-1", "cn-northwest-1"],
  ])("of %s are asked for in %s", (region, where) => {
    expect(pricingRegion(region)).toBe(where);
  });
});

test("what is counted follows the environment's shape", () => {
  const { network, web, ...rest } = config();
  const wide = {
    ...rest,
    web,
    network: { ...network, zones: 3, nat: "perZone" as const, interfaceEndpoints: ["ssm", "logs"] },
  };
  expect(fixedItems(wide).map(({ key, count }) => [key, count])).toEqual([
    ["loadBalancer", 1],
    ["natGateway", 3],
    ["interfaceEndpoint", 6],
  ]);
  expect(fixedItems({ ...wide, network: { ...network, nat: "none" } }).map(({ key }) => key)).toEqual([
    "loadBalancer",
  ]);
  const two = times(machineItems(wide), 2);
  expect(two.map(({ count }) => count)).toEqual([2, 20]);
  expect(estimate(two, new Map()).missing).toHaveLength(2);
});

describe("Docker hosts", () => {
  const image = `app@sha256:${"a".repeat(64)}`;
  const docker = {
    instanceType: "m6i.large",
    hosts: 2,
    containers: ["a", "b", "c"].map((name) => ({ name, image, memoryMb: 1200, cpus: 0.2 })),
  };
  const priced = { ...own, hourly: { ...own.hourly, "m6i.large": 0.1 } };
  const saving = (prices: PricesConfig) =>
    dockerSaving(config({ "retrofit:docker": docker, "retrofit:prices": prices }), {
      cache: new PriceCache(cacheFile()),
      client: list({}).client,
    });

  test("what they save is told against one small machine for each container, each price with its source", async () => {
    // Hosts: 2 × 0.1 × 730 and 60 GB; machines: 6 × 0.02 × 730 and 48 GB.
    expect(await saving(priced)).toMatch(
      /^docker: costs 59\.60 USD a month more, against one small machine .*: 152\.00 \(2 × m6i\.large × .*\) in place of 92\.40 \(6 × t3\.small × .*our contract, 2026-01-31\)$/,
    );
    const cheap = { ...priced, hourly: { ...priced.hourly, "m6i.large": 0.03 } };
    expect(await saving(cheap)).toMatch(/^docker: saves 42\.60 USD a month, 46 %/);
  });

  test("without a price nothing is said to be saved", async () => {
    expect(await saving(own)).toMatch(/cannot be said: no price for m6i\.large\. Set it in retrofit:prices/);
  });

  test("they are part of what the environment may cost", () => {
    const items = fixedItems(config({ "retrofit:docker": docker }));
    expect(items.slice(0, 2).map(({ key, count }) => [key, count])).toEqual([
      ["m6i.large", 2],
      ["volumeGbMonth", 60],
    ]);
  });
});
