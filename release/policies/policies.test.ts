import type { EngineEvent } from "@pulumi/pulumi/automation";
import { rules } from "../../policies/catalogue";
import type { EnvironmentConfig } from "../../stacks/config/types";
import { judge } from "../pull-request/check";
import { packConfiguration } from "./configuration";
import { PolicyFindings } from "./findings";

const config = (policies?: EnvironmentConfig["policies"], isProtected = false) =>
  ({
    environment: "dev",
    protected: isProtected,
    web: { instanceType: "t3.small", max: 4 },
    ...(policies && { policies }),
  }) as EnvironmentConfig;

describe("the pack's configuration for an environment", () => {
  test("names every rule, so that an update of the pack is a change that is seen", () => {
    expect(Object.keys(packConfiguration(config()))).toEqual(rules.map(({ name }) => name));
  });

  test("takes limits from what the environment's file says anyway", () => {
    const made = packConfiguration(config(undefined, true));
    expect(made["machines-within-budget"]).toEqual({
      enforcementLevel: "mandatory",
      protected: true,
      machines: 4,
    });
    expect(made["allowed-machine-types"]).toMatchObject({ types: ["t3.small"] });
  });

  test("enforcement and exceptions of the file reach their rules and no others", () => {
    const exception = { resource: "files", reason: "moves with release 2.0", expires: "2027-01-31" };
    const made = packConfiguration(
      config({
        enforcement: { "bucket-lifecycle": "advisory" },
        exceptions: [{ rule: "bucket-versioning", ...exception }],
      }),
    );
    expect(made["bucket-lifecycle"]!.enforcementLevel).toBe("advisory");
    expect(made["bucket-versioning"]!.exceptions).toEqual([exception]);
    expect(made["bucket-lifecycle"]).not.toHaveProperty("exceptions");
  });

  test("a rule that does not exist is a mistake in the file, not a rule that is kept quietly", () => {
    const wrong = () =>
      packConfiguration(config({ enforcement: { "bucket-verzioning": "disabled" }, exceptions: [] }));
    expect(wrong).toThrow(/does not have under retrofit:policies: bucket-verzioning/);
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
