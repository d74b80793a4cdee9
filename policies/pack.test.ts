import type { ResourceValidationArgs, ResourceValidationPolicy } from "@pulumi/policy";
import { toPolicy, WAITING } from "./adapter";
import { rules } from "./catalogue";
import { exceptionFor } from "./exceptions";
import { kindOf } from "./kinds";
import { isStackRule, type ResourceRule } from "./rule";
import { unknownCheckingProxy } from "./sdk-proxy";
import { UNKNOWN_TEXT } from "./values";

const reason = "moves with release 2.0";

describe("the rules", () => {
  test("have names of their own, in one style", () => {
    const names = rules.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => !/^[a-z][a-z0-9-]+$/.test(name))).toEqual([]);
  });

  test("say what holds, why, and how to correct it, in sentences", () => {
    const mute = rules.filter(
      ({ title, why, fix }) =>
        ![title, why, fix].every((text) => /^[A-Z].*[.]$/s.test(text) || text.length > 30),
    );
    expect(mute).toEqual([]);
  });

  test("name the counterparts in forms that are known", () => {
    const known =
      /^(CKV2?_AWS_\d+|AwsSolutions-\w+|(NIST|PCI)-\w+|FSBP\.\w+\.\d+|CIS\.[\d.]+|CIS-Docker\.[\d.]+|Config\.[\w-]+|AWSGuard\.[\w-]+)$/;
    expect(rules.flatMap(({ ids }) => ids).filter((id) => !known.test(id))).toEqual([]);
  });
});

describe("an exception", () => {
  const one = { resource: "web-*", reason, expires: "2027-03-31" };

  test("holds for the resources it names, until its last day", () => {
    expect(exceptionFor([one], "web-logs", "2027-03-31")).toMatchObject({ valid: true });
    expect(exceptionFor([one], "web-logs", "2027-04-01")).toMatchObject({ valid: false });
    expect(exceptionFor([one], "database", "2027-03-31")).toBeUndefined();
  });

  test("without a reason is none", () => {
    expect(exceptionFor([{ ...one, reason: " " }], "web-logs", "2027-01-01")).toMatchObject({ valid: false });
  });
});

test("older names of a resource are the same kind", () => {
  expect(
    ["aws:s3/bucketV2:BucketV2", "aws:alb/listener:Listener", "aws:elasticsearch/domain:Domain"].map(kindOf),
  ).toEqual(["s3/bucket", "lb/listener", "opensearch/domain"]);
  expect(kindOf("docker:index/container:Container")).toBe("docker/container");
});

interface Told {
  message: string;
  level?: string;
}

/** What a policy reports when the SDK asks it about a resource. */
function ask(name: string, type: string, props: object, config: object = {}): Told[] {
  const policy = toPolicy(rules.find((rule) => rule.name === name)!) as ResourceValidationPolicy;
  const told: Told[] = [];
  const args = {
    type,
    props: unknownCheckingProxy(props),
    urn: `urn:pulumi:dev::shop::${type}::main`,
    name: "main",
    opts: { protect: false },
    getConfig: () => config,
  } as unknown as ResourceValidationArgs;
  const report = (message: unknown) => {
    if (typeof message === "string") told.push({ message });
    else
      told.push({
        message: (message as Told).message,
        level: (message as { enforcementLevel: string }).enforcementLevel,
      });
  };
  (policy.validateResource as (args: ResourceValidationArgs, report: unknown) => void)(args, report);
  return told;
}

describe("a rule in the hands of the SDK", () => {
  const bare = { engine: "postgres" };

  test("keeps quiet about a resource with an exception, and tells one that has lapsed", () => {
    const exceptions = (expires: string) => ({ exceptions: [{ resource: "main", reason, expires }] });
    expect(ask("database-backups", "aws:rds/instance:Instance", bare, exceptions("2999-01-01"))).toEqual([]);
    const [told] = ask("database-backups", "aws:rds/instance:Instance", bare, exceptions("2020-01-01"));
    expect(told!.message).toContain(`The exception (${reason}) ended on 2020-01-01.`);
  });

  test("for prod-like environments only goes by what is configured, else by the stack's name", () => {
    const type = "aws:rds/instance:Instance";
    expect(ask("database-survives-zone", type, bare)).toEqual([]);
    expect(ask("database-survives-zone", type, bare, { protected: true })).toHaveLength(2);
  });

  test("lets a value pass through that the update decides, as advice and by a mark that the check counts", () => {
    const told = ask("no-wildcard-policies", "aws:iam/policy:Policy", { policy: UNKNOWN_TEXT });
    expect(told).toEqual([{ message: expect.stringContaining(WAITING), level: "advisory" }]);
  });

  test("is not quiet about a value that it has no reason to wait for", () => {
    const unknown = { cidrIpv4: UNKNOWN_TEXT, ipProtocol: "tcp", fromPort: 22, toPort: 22 };
    const asking = () =>
      ask(
        "internet-reaches-only-web-ports",
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        unknown,
      );
    expect(asking).toThrow("can't be known during preview");
  });
});

describe("a remedy", () => {
  const remedied = rules.filter(
    (rule): rule is ResourceRule => !isStackRule(rule) && rule.remedy !== undefined,
  );
  const facts = { environment: "prod", protected: true, settings: {} };

  test.each(remedied.map((rule) => [rule.name, rule] as const))(
    "of %s leaves nothing to find and nothing to do again",
    (name, rule) => {
      const kind = rule.kinds[0]!;
      const inputs: Record<string, object> = {
        "current-tls": { protocol: "HTTPS" },
        "encrypted-volumes": { availabilityZone: "eu-central-1a" },
        "no-automatic-public-addresses": { mapPublicIpOnLaunch: true },
        "database-observed": { enabledCloudwatchLogsExports: ["postgresql"] },
      };
      const of = name === "encrypted-volumes" ? "ebs/volume" : kind;
      const corrected = rule.remedy!(inputs[name] ?? {}, facts)!;
      const told: string[] = [];
      const subject = { urn: "", name: "main", kind: of, props: corrected, protect: false, dependencies: {} };
      rule.check(subject, (message) => told.push(message), facts);
      expect(told).toEqual([]);
      expect(rule.remedy!(corrected, facts)).toBeUndefined();
    },
  );
});
