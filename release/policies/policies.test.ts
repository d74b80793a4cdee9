import { join } from "node:path";
import type { EngineEvent } from "@pulumi/pulumi/automation";
import { rules } from "../../policies/catalogue";
import { loadEnvironmentFile } from "../../stacks/config";
import type { EnvironmentConfig } from "../../stacks/config/types";
import { SIZES } from "../../stacks/sizes";
import { judge } from "../pull-request/check";
import { packConfiguration } from "./configuration";
import { PolicyFindings } from "./findings";
import { imagesOf } from "./images";

const config = (policies: Partial<EnvironmentConfig["policies"]> = {}, isProtected = false) =>
  ({
    environment: "dev",
    size: "small",
    protected: isProtected,
    files: [],
    // Whatever the fleet is, it says nothing of what it may be.
    web: { instanceType: "x2iedn.32xlarge", max: 400 },
    policies: { enforcement: {}, relaxed: [], exceptions: [], ...policies },
  }) as unknown as EnvironmentConfig;

describe("the pack's configuration for an environment", () => {
  test("names every rule, so that an update of the pack is a change that is seen", () => {
    expect(Object.keys(packConfiguration(config()))).toEqual(rules.map(({ name }) => name));
  });

  test("takes limits from the size, not from what the file asks for", () => {
    const made = packConfiguration(config(undefined, true));
    expect(made["machines-within-budget"]).toEqual({
      enforcementLevel: "mandatory",
      protected: true,
      machines: SIZES.small.allowed.machines,
    });
    expect(made["allowed-machine-types"]).toMatchObject({ types: SIZES.small.allowed.machineTypes });
    expect(made["allowed-database-classes"]).toMatchObject({ classes: SIZES.small.allowed.databaseClasses });
    expect(made["log-forwarder"]).not.toHaveProperty("forwarders");
  });

  test("what the file allows besides is added; of the maximum it is the file's word, but never above the budget", () => {
    const wanted = config({ allowed: { machineTypes: ["c7i.8xlarge"], machines: 80 } });
    const made = packConfiguration(wanted, { machinesInBudget: 100 });
    expect(made["allowed-machine-types"]!.types).toEqual([
      ...SIZES.small.allowed.machineTypes,
      "c7i.8xlarge",
    ]);
    expect(made["machines-within-budget"]!.machines).toBe(80);
    expect(packConfiguration(wanted, { machinesInBudget: 3 })["machines-within-budget"]!.machines).toBe(3);
  });

  test("images are judged as they were looked up: those of the file, and those that machines are kept on", () => {
    const images = { owners: ["123456789012"], days: 180 };
    const known = [{ id: "ami-1", owner: "123456789012", created: "2026-01-31" }];
    const made = (policies: object) => packConfiguration(config(policies), { images: known });
    expect(made({ images })["image-owner-and-age"]).toMatchObject({ ...images, images: known });
    expect(made({})["image-owner-and-age"]).not.toHaveProperty("images");
    const state = [
      { urn: "", type: "aws:ec2/launchTemplate:LaunchTemplate", outputs: { imageId: "ami-2" } },
      { urn: "", type: "aws:ec2/launchTemplate:LaunchTemplate", outputs: { imageId: "ami-1" } },
      { urn: "", type: "aws:ec2/vpc:Vpc", outputs: { imageId: "ami-3" } },
    ];
    const named = { live: { image: "ami-1" } } as unknown as EnvironmentConfig;
    expect(imagesOf(named, state)).toEqual(["ami-1", "ami-2"]);
  });

  test("enforcement and exceptions of the file reach their rules and no others", () => {
    const exception = { resource: "files", reason: "moves with release 2.0", expires: "2027-01-31" };
    const made = packConfiguration(
      config({
        enforcement: { "bucket-access-logs": "advisory" },
        exceptions: [{ rule: "bucket-versioning", ...exception }],
      }),
    );
    expect(made["bucket-access-logs"]!.enforcementLevel).toBe("advisory");
    expect(made["bucket-versioning"]!.exceptions).toEqual([exception]);
    expect(made["bucket-access-logs"]).not.toHaveProperty("exceptions");
  });

  test("a rule that does not exist is a mistake in the file, not a rule that is kept quietly", () => {
    const wrong = () =>
      packConfiguration(config({ enforcement: { "bucket-verzioning": "disabled" }, exceptions: [] }));
    expect(wrong).toThrow(/does not have under retrofit:policies: bucket-verzioning/);
  });

  test("a rule cannot be enforced less without a reason and a day", () => {
    const weaker = () => packConfiguration(config({ enforcement: { "bucket-lifecycle": "advisory" } }));
    expect(weaker).toThrow("enforces bucket-lifecycle less than by default");
    // What is off by default may be said to be off.
    packConfiguration(config({ enforcement: { "bucket-own-key": "disabled" } }));
  });

  test("a rule that is relaxed is what it was on the day after, and its findings say whose word has ended", () => {
    const reason = "There is no certificate yet";
    const relaxed = [{ rule: "http-only-redirects", to: "disabled" as const, reason, expires: "2027-03-31" }];
    const on = (today: string) => packConfiguration(config({ relaxed }), { today })["http-only-redirects"]!;
    expect(on("2027-03-31")).toEqual({ enforcementLevel: "disabled", protected: false });
    expect(on("2027-04-01")).toEqual({
      enforcementLevel: "mandatory",
      protected: false,
      exceptions: [{ resource: "*", reason, expires: "2027-03-31" }],
    });
  });

  test("the project's own files say of each rule that they relax why and until when", () => {
    for (const name of ["dev", "test", "integration", "uat", "perf", "preprod", "prod"])
      packConfiguration(loadEnvironmentFile(join(__dirname, "..", "..", `Pulumi.${name}.yaml`)));
  });
});

const urn = (type: string, name: string) => `urn:pulumi:dev::shop::${type}::${name}`;

function shown(...events: object[]): PolicyFindings {
  const findings = new PolicyFindings();
  for (const event of events) findings.take(event as EngineEvent);
  return findings;
}

const policyEvent = (message: string, enforcementLevel = "mandatory") => ({
  policyEvent: {
    policyName: "r",
    resourceUrn: urn("aws:s3/bucket:Bucket", "files"),
    message,
    enforcementLevel,
  },
});

const step = (op: string, type: string, more = {}) => ({
  resourcePreEvent: { metadata: { op, urn: urn(type, "main"), ...more } },
});

describe("what a preview with the pack means", () => {
  test("a rule that the engine quietly made advisory, because it could not run, fails the check", () => {
    const findings = shown(
      policyEvent(
        "can't run policy 'r' from policy pack 'retrofit@v0.1.0' during preview: string value at .x",
        "advisory",
      ),
    );
    expect(findings.advisory).toEqual([]);
    expect(judge(findings, [], {})).toMatchObject({ exitCode: 1 });
  });

  test("a mandatory finding is told apart from it by exit code 3, an advisory one passes", () => {
    expect(judge(shown(policyEvent("bad")), [], {})).toMatchObject({ exitCode: 3, json: { gate: "policy" } });
    expect(judge(shown(policyEvent("not nice", "advisory")), [], {})).toBeUndefined();
  });

  test("a rule that only the update can decide fails where that is asked for", () => {
    const findings = shown(policyEvent("title\ndecided by the update: the bucket is new", "advisory"));
    expect(judge(findings, [], {})).toBeUndefined();
    expect(judge(findings, [], { strict: true })).toMatchObject({ exitCode: 1 });
  });

  test.each([
    ["replace", "aws:rds/instance:Instance", "replaced"],
    ["delete", "aws:efs/fileSystem:FileSystem", "deleted"],
    ["delete", "aws:ec2/vpnConnection:VpnConnection", "deleted"],
    ["replace", "aws:opensearch/domain:Domain", "replaced"],
    ["delete", "aws:s3/bucketV2:BucketV2", "deleted"],
  ])("%s of %s stops until it is confirmed by name", (op, type, operation) => {
    const { losses } = shown(step(op, type, { keys: ["engine"] }));
    expect(losses).toMatchObject([{ name: "main", operation }]);
    const verdict = judge({ notRun: [], waiting: [], mandatory: [] }, losses, {});
    expect(verdict).toMatchObject({
      exitCode: 3,
      json: { gate: "loss" },
      hint: "If that is meant: --confirm main",
    });
  });

  test("machines and their like come and go without a question, and so do updates in place", () => {
    const events = [
      step("replace", "aws:ec2/launchTemplate:LaunchTemplate"),
      step("update", "aws:rds/instance:Instance"),
    ];
    expect(shown(...events).losses).toEqual([]);
  });
});
