import { join } from "node:path";
import { type EnvironmentConfig, loadEnvironmentFile } from "../../stacks/config";
import { notEstimated, type Price } from "../../stacks/prices";
import { SIZES } from "../../stacks/sizes";
import { table } from "../commands/cost";
import { compareCosts, partsOf } from "./costs";

const dev = loadEnvironmentFile(join(__dirname, "..", "..", "Pulumi.dev.yaml"));
const price = (amount: number): Price => ({ amount, currency: "USD", source: "a list", date: "2030-01-01" });
const prices = new Map([
  ["t3.small", price(0.02)],
  ["volumeGbMonth", price(0.1)],
  ["loadBalancer", price(0.03)],
  ["natGateway", price(0.05)],
  ["db.t4g.micro", price(0.01)],
  ["databaseGbMonth", price(0.12)],
]);
const database: EnvironmentConfig["database"] = { ...SIZES.small.database, multiAz: true, replicas: 1 };

test("an environment's parts are summed at its smallest and at its largest", () => {
  const parts = partsOf(dev, prices);
  // 2 and 4 machines for 730 hours with 8 GB each; a load balancer and a gateway.
  expect(parts.get("machines")!.least).toBeCloseTo(2 * (0.02 * 730 + 0.8));
  expect(parts.get("machines")!.most).toBeCloseTo(4 * (0.02 * 730 + 0.8));
  expect(parts.get("network")!.least).toBeCloseTo((0.03 + 0.05) * 730);
});

test("a database counts with each of its copies, and their disks", () => {
  const parts = partsOf({ ...dev, database }, prices);
  expect(parts.get("database")!.least).toBeCloseTo(3 * (0.01 * 730 + 20 * 0.12));
});

test("log store, repositories and the machine of migrations are parts; what is stored is told by name", () => {
  const stored = { version: "1.0.0", artifact: "s3://a/b.tar.gz", database: "none" as const };
  const files: EnvironmentConfig["files"] = [
    { name: "uploads", mode: "bucket", access: "readWrite" },
    { name: "papers", mode: "repository", access: "read", program: stored },
  ];
  const logs: EnvironmentConfig["logs"] = SIZES.full.logs;
  const known = new Map([
    ...prices,
    ["r7g.large.search", price(0.2)],
    ["m7g.medium.search", price(0.1)],
    ["searchGbMonth", price(0.15)],
    ["t3.nano", price(0.005)],
    ["m6i.large", price(0.1)],
    ["networkLoadBalancer", price(0.03)],
  ]);
  const all = { ...dev, protected: true, database, files, logs };
  const parts = partsOf(all, known);
  // 10 GB a day for 31 days, each stored twice, with what the index takes and a fifth to spare, on three nodes.
  const diskGb = 3 * Math.ceil((10 * 31 * 2 * 1.45 * 1.2) / 3);
  expect(parts.get("log store")!.most).toBeCloseTo((3 * 0.2 + 3 * 0.1) * 730 + diskGb * 0.15);
  expect(parts.get("repositories")!.most).toBeCloseTo((0.02 + 0.03) * 730 + 10 * 0.1);
  expect(parts.get("migrations")!.most).toBeCloseTo(0.005 * 730 + 8 * 0.1);
  const selfHosted = { opensearch: { url: "https://mirror.example.com/o.tar.gz", sha256: "0".repeat(64) } };
  const own = partsOf({ ...all, logs: { ...logs, selfHosted } }, known);
  expect(own.get("log store")!.most).toBeCloseTo((3 * 0.1 + 0.03) * 730 + (3 * 20 + diskGb) * 0.1);
  const elsewhere = { ...logs, store: { endpoint: "", secret: "", nodes: 3 } };
  expect([...partsOf({ ...all, logs: elsewhere }, known).keys()]).not.toContain("log store");
  expect(notEstimated(all)).toContain("what is stored in the artifact store, uploads, the share of papers");
});

test("a part without any price is unknown, not free", () => {
  const unknown = { least: null, most: null };
  expect([...partsOf(dev, new Map())]).toEqual([
    ["machines", unknown],
    ["network", unknown],
  ]);
  expect(table(compareCosts(partsOf(dev, new Map()), undefined)).at(-1)).toMatch(/^all +\? +\?$/);
});

test("a change is shown beside what was, also of a part that is new", () => {
  const now = new Map([
    ["machines", { least: 20, most: 60 }],
    ["database", { least: 15, most: 15 }],
    ["network", { least: 5, most: 5 }],
  ]);
  const before = new Map([
    ["machines", { least: 20, most: 40 }],
    ["network", { least: 5, most: 5 }],
  ]);
  expect(table(compareCosts(now, before))).toEqual([
    "machines            20.00      60.00   was      20.00      40.00",
    "database            15.00      15.00   was       0.00       0.00",
    "network              5.00       5.00",
    "all                 40.00      80.00   was      25.00      45.00",
  ]);
});
