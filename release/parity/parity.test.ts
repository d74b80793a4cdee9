import { join } from "node:path";
import { Bucket } from "@pulumi/aws/s3/bucket";
import { type EnvironmentConfig, loadEnvironmentFile } from "../../stacks/config";
import { environment } from "../../stacks/environment";
import { inOrder } from "../promotion/way";
import { holds, ParityCheck } from "./compare";

// The first graph pays for loading the SDK, which a busy machine takes its time for.
jest.setTimeout(120_000);

const root = join(__dirname, "..", "..");
const names = ["prod", "test", "dev", "integration", "perf", "uat", "preprod"];
const files = names.map((name) => loadEnvironmentFile(join(root, `Pulumi.${name}.yaml`)));
const file = (name: string) => files.find((config) => config.environment === name)!;
const way = inOrder(files);

test("a release's way goes through all seven environments, in this order", () => {
  const order = ["dev", "test", "integration", "uat", "perf", "preprod", "prod"];
  expect(way.map(({ environment: name }) => name)).toEqual(order);
});

test("a way without a beginning is refused", () => {
  const step = (name: string, from: string) => ({
    environment: name,
    promotion: { from, evidence: [] },
  });
  expect(() => inOrder([step("a", "b"), step("b", "a")])).toThrow(/circle: a comes from b, b comes from a/);
});

const check = new ParityCheck(root);

test.each(way.slice(1).map((next, i) => [way[i]!.environment, next.environment]))(
  "%s and %s differ in nothing that is not meant",
  async (a, b) => {
    const compared = await check.compare(file(a), file(b));
    expect(compared.settings.filter(({ intended }) => intended === undefined)).toEqual([]);
    expect(compared.unexplained).toEqual([]);
    expect(holds(compared)).toBe(true);
  },
);

test("what size and protection make of the same program is shown by kind", async () => {
  const { kinds } = await check.compare(file("dev"), file("prod"));
  expect(kinds).toContainEqual({ kind: "ec2/natGateway", counts: { dev: 1, prod: 3 } });
  expect(kinds).toContainEqual({ kind: "backup/vault", counts: { dev: 0, prod: 1 } });
});

const changed = (config: EnvironmentConfig, web: Partial<EnvironmentConfig["web"]>, more = {}) => ({
  ...config,
  ...more,
  web: { ...config.web, ...web },
});

test("a setting that nobody has named is found, also where another of the same group is meant", async () => {
  const compared = await check.compare(file("uat"), changed(file("test"), { volumeSizeGb: 30 }));
  expect(compared.settings.filter(({ intended }) => intended === undefined)).toEqual([
    { setting: "web.volumeSizeGb", values: { uat: 8, test: 30 } },
  ]);
  expect(holds(compared)).toBe(false);
});

test("a difference from the size's own default is not excused by the size", async () => {
  const compared = await check.compare(file("uat"), changed(file("perf"), { max: 40 }));
  const { intended } = compared.settings.find(({ setting }) => setting === "web.max")!;
  expect(intended).toBeUndefined();
});

test("a reason in one of the two files excuses it", async () => {
  const differs = { "web.volumeSizeGb": "Uploads are tried with large files" };
  const compared = await check.compare(file("uat"), changed(file("test"), { volumeSizeGb: 30 }, { differs }));
  expect(holds(compared)).toBe(true);
});

test("the application finds the same links everywhere, whatever stands behind them", async () => {
  const link = { name: "erp", port: 443, host: "10.10.0.5", cidr: "10.10.0.5/32" };
  const [real, standIn] = [
    { ...link, kind: "address" as const },
    { ...link, kind: "standIn" as const },
  ];
  const linked = (name: string, links?: EnvironmentConfig["links"]) => changed(file(name), {}, { links });
  const same = await check.compare(linked("uat", [real]), linked("test", [standIn]));
  expect(holds(same)).toBe(true);
  const missing = await check.compare(linked("uat", [real]), linked("test"));
  expect(missing.settings.find(({ setting }) => setting === "links")!.intended).toBeUndefined();
  expect(holds(missing)).toBe(false);
});

test("a program with a case for one environment is found, whatever the files say", async () => {
  const special = new ParityCheck(root, (config, projectRoot) => {
    if (config.environment === "uat") new Bucket("only-here");
    return environment(config, projectRoot);
  });
  const compared = await special.compare(file("test"), file("uat"));
  expect(compared.unexplained).toEqual(["aws:s3/bucket:Bucket only-here"]);
  expect(holds(compared)).toBe(false);
});
