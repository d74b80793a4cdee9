/** An environment with everything that its file can ask for, judged by the pack as `retrofit check` has it judged. */
import type {
  PolicyResource,
  ResourceValidationArgs,
  ResourceValidationPolicy,
  StackValidationArgs,
  StackValidationPolicy,
} from "@pulumi/policy";
import { isUnknown } from "@pulumi/pulumi";
import { graphOf, type RecordedResource } from "../../components/shared/mocks";
import { toPolicy, WAITING } from "../../policies/adapter";
import { rules } from "../../policies/catalogue";
import { unknownCheckingProxy } from "../../policies/sdk-proxy";
import { UNKNOWN_TEXT } from "../../policies/values";
import { type EnvironmentConfig, loadEnvironmentConfig } from "../../stacks/config";
import { environment } from "../../stacks/environment";
import { packageRoot } from "../package-root";
import { RULES_BY_DESIGN } from "./by-design";
import { packConfiguration } from "./configuration";

// There is no store to be set up; the update says so and goes on.
jest.mock("../../stacks/log-store", () => ({ openStore: () => Promise.reject(new Error("there is none")) }));
// Nor is there an artifact with migrations to look at.
jest.mock("../../stacks/database-gate", () => ({
  ...jest.requireActual<object>("../../stacks/database-gate"),
  gatedRelease: () => undefined,
}));
jest.setTimeout(60_000);
beforeAll(() => {
  jest.spyOn(console, "warn").mockImplementation();
});

const sha256 = "0".repeat(64);
const certificate = "arn:aws:acm:eu-central-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef";
const stored = (name: string) => ({ version: "1.0.0", artifact: `s3://releases/${name}.tar.gz`, sha256 });
const reports = {
  name: "reports",
  image: `registry.example.com/reports@sha256:${sha256}`,
  memoryMb: 512,
  cpus: 0.5,
};
const opensearch = { url: "https://mirror.example.com/opensearch.tar.gz", sha256 };

/** By what is different in them. */
const EVERYTHING: Record<string, object> = {
  "a managed log store": { "retrofit:logs": { carryIn: { flowLogs: true } } },
  "a log store on its own machines": {
    "retrofit:logs": { nodes: 3, selfHosted: { opensearch } },
    "retrofit:deployment": "inPlace",
  },
  "containers on ECS": {
    "retrofit:docker": { engine: "ecs", instanceType: "m6i.large", containers: [reports] },
  },
};

function configOf(size: string, more: object = {}): EnvironmentConfig {
  const values = {
    "aws:region": "eu-central-1",
    "retrofit:size": size,
    "retrofit:application": { name: "shop", command: "node server.js" },
    "retrofit:network": { cidr: "10.99.0.0/16" },
    "retrofit:web": { testers: ["10.0.0.0/8"], certificateArn: certificate },
    "retrofit:docker": { instanceType: "m6i.large", diskSizeGb: 20, containers: [reports] },
    "retrofit:logs": {},
    "retrofit:files": [
      { name: "uploads", mode: "bucket", inbox: {}, replicateTo: "eu-west-1" },
      { name: "share", mode: "share" },
      { name: "documents", mode: "repository", program: stored("repository"), certificateArn: certificate },
    ],
    "retrofit:database": { replicas: 1 },
    "retrofit:sessions": {},
    "retrofit:vpn": {
      peers: [
        {
          name: "office",
          address: "198.51.100.2",
          networks: [{ name: "legacy", cidr: "192.168.50.0/24" }],
        },
      ],
      allow: [{ from: "legacy", to: "machines", ports: [8080] }],
    },
    "retrofit:links": [
      { name: "erp", kind: "address", host: "erp.example.com", cidr: "198.51.100.0/24", port: 443 },
    ],
    "retrofit:policies": {
      relaxed: [
        {
          rule: "web-application-firewall",
          to: "disabled",
          reason: "It is paid by the month",
          expires: "2999-12-31",
        },
      ],
    },
    "retrofit:live": stored("shop"),
    "retrofit:standby": { ...stored("shop"), version: "0.9.0" },
    ...more,
  };
  return loadEnvironmentConfig({ stack: "dev", values, projectRoot: packageRoot() });
}

interface Judged {
  findings: string[];
  /** What the update decides. */
  waiting: string[];
}

interface Circumstances {
  preview?: boolean;
  /** Of what the program asks for, as a mistake in it would. */
  change?: (resource: RecordedResource) => void;
  /** Whether any hold. */
  exceptions?: boolean;
}

async function judged(
  config: EnvironmentConfig,
  { preview = false, change = () => {}, exceptions = true }: Circumstances = {},
): Promise<Judged> {
  const resources = await resourcesOf(config, preview);
  resources.forEach(change);
  const providers = resources.filter(({ type }) => type === "pulumi:providers:aws");
  const told: Judged = { findings: [], waiting: [] };
  const configuration = packConfiguration(config);
  const asked = resources.filter(({ type }) => !type.startsWith("pulumi:")).map(asPolicyResource);
  function asPolicyResource({ urn, type, name, inputs, dependencies, provider }: RecordedResource) {
    const own = providers.find((one) => provider.startsWith(`${one.urn}::`));
    const from = dependencies.map((urn) => ({ urn }) as PolicyResource);
    return {
      urn,
      type,
      name,
      props: unknownCheckingProxy(inputs),
      opts: { protect: false },
      provider: { props: own?.inputs ?? {} },
      // Mocks do not tell which of its properties a resource has from where: any of them may be.
      propertyDependencies: Object.fromEntries(Object.keys(inputs).map((key) => [key, from])),
    };
  }
  for (const rule of rules) {
    const { enforcementLevel, ...settings } = configuration[rule.name]!;
    if (!exceptions) delete settings.exceptions;
    if (enforcementLevel === "disabled") continue;
    const report = (message: unknown, urn = "") => {
      const text = typeof message === "string" ? message : (message as { message: string }).message;
      const line = `${rule.name}: ${urn.split("::").at(-1)}: ${text}`;
      (text.includes(WAITING) ? told.waiting : told.findings).push(line);
    };
    const policy = toPolicy(rule);
    const getConfig = () => settings;
    if ("validateStack" in policy) {
      const args = { resources: asked, getConfig } as unknown as StackValidationArgs;
      await (policy as StackValidationPolicy).validateStack(args, report);
      continue;
    }
    for (const one of asked) {
      const args = { ...one, getConfig } as unknown as ResourceValidationArgs;
      const validate = (policy as ResourceValidationPolicy).validateResource as (
        args: ResourceValidationArgs,
        report: unknown,
      ) => void;
      try {
        validate(args, (message: unknown, urn = one.urn) => report(message, urn));
      } catch (error) {
        throw new Error(`${rule.name} cannot judge ${one.urn}: ${(error as Error).message}`);
      }
    }
  }
  return told;
}

/** What AWS adds to resources that components wait for. */
const COMPUTED = {
  masterUserSecrets: [{ secretArn: "arn:aws:secretsmanager:eu-central-1:123456789012:secret:rds-AbCdEf" }],
};

/** Inputs, and what others name a resource by. */
async function resourcesOf(config: EnvironmentConfig, preview: boolean): Promise<RecordedResource[]> {
  const calls = {
    "aws:ec2/getAmi:getAmi": () => ({ id: "ami-0123456789abcdef0" }),
    "aws:ssm/getParameter:getParameter": () => ({ value: "ami-0123456789abcdef0" }),
    "aws:ec2/getSubnet:getSubnet": () => ({ id: "subnet-1", availabilityZone: "eu-central-1a" }),
    "aws:secretsmanager/getSecretVersion:getSecretVersion": () => ({ secretString: "{}" }),
  };
  const state = ({ type, name, inputs }: { type: string; name: string; inputs: object }) =>
    type.startsWith("aws:") && !preview
      ? { ...COMPUTED, bucket: name, name, identifier: name, ...inputs }
      : undefined;
  const { resources } = await graphOf(() => environment(config, packageRoot()), { calls, state, preview });
  return resources.map((resource) => {
    const { name, type } = resource;
    const ids = { id: `${name}-id`, arn: `arn:aws:mock:eu-central-1:111122223333:${name}` };
    const named = type.startsWith("aws:s3/bucket") ? { bucket: name } : {};
    const known = preview ? { id: UNKNOWN_TEXT } : { ...ids, ...named };
    return { ...resource, inputs: { ...known, ...(plain(resource.inputs) as object) } };
  });
}

/** What Pulumi marks a secret with; the engine hands its value to the pack. */
const SECRET = "4dabf18193072939515e22adb298388d";

function plain(value: unknown): unknown {
  if (isUnknown(value)) return UNKNOWN_TEXT;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  if (SECRET in value) return plain((value as { value?: unknown }).value);
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, plain(child)]));
}

/** The rules that this environment's own limits are given to. */
const LIMITS = [
  "allowed-database-classes",
  "allowed-machine-types",
  "image-owner-and-age",
  "log-forwarder",
  "machines-within-budget",
];

const ruleOf = (finding: string): string => finding.slice(0, finding.indexOf(":"));
const ofLimits = (findings: string[]): string[] =>
  findings.filter((finding) => LIMITS.includes(ruleOf(finding)));

describe.each(["small", "full"])("of size %s, with everything and", (size) => {
  test.each(Object.keys(EVERYTHING))("%s, it keeps every rule", async (which) => {
    expect(await judged(configOf(size, EVERYTHING[which]))).toEqual({ findings: [], waiting: [] });
  });
});

test("before any of it is there it keeps them too, and no rule meets a value that it cannot judge", async () => {
  const config = configOf("full", EVERYTHING["a log store on its own machines"]);
  expect((await judged(config, { preview: true })).findings).toEqual([]);
});

test("what it breaks by design is no more than is said", async () => {
  const config = configOf("full", EVERYTHING["a log store on its own machines"]);
  const { findings } = await judged(config, { exceptions: false });
  expect([...new Set(findings.map(ruleOf))].sort()).toEqual([...RULES_BY_DESIGN].sort());
});

describe("beyond its limits", () => {
  const finds = async (more: object, change?: (resource: RecordedResource) => void) =>
    ofLimits((await judged(configOf("small", more), change && { change })).findings);
  const web = (more: object) => ({
    "retrofit:web": { testers: ["10.0.0.0/8"], certificateArn: certificate, ...more },
  });

  test("machines of other types are found, whatever they are for", async () => {
    const findings = await finds({
      ...web({ instanceType: "m6i.16xlarge" }),
      "retrofit:docker": { instanceType: "m6i.4xlarge", containers: [reports] },
      "retrofit:logs": { selfHosted: { opensearch, instanceType: "r7g.2xlarge" } },
      "retrofit:migrations": { instanceType: "c7i.large" },
    });
    expect(findings.map((finding) => finding.replace(/ is not among.*/, "")).sort()).toEqual([
      "allowed-machine-types: database-gate-operations: c7i.large",
      "allowed-machine-types: docker-0: m6i.4xlarge",
      "allowed-machine-types: logs-0: r7g.2xlarge",
      "allowed-machine-types: web-0-9-0: m6i.16xlarge",
      "allowed-machine-types: web-1-0-0: m6i.16xlarge",
    ]);
  });

  test("databases, session stores and log stores of other classes are found", async () => {
    const findings = await finds({
      "retrofit:database": { instanceClass: "db.r7g.4xlarge" },
      "retrofit:sessions": { nodeType: "cache.r7g.xlarge" },
      "retrofit:logs": { instanceType: "r7g.2xlarge.search" },
    });
    expect(findings.map((finding) => finding.replace(/ is not among.*/, "")).sort()).toEqual([
      "allowed-database-classes: database: db.r7g.4xlarge",
      "allowed-database-classes: logs: r7g.2xlarge.search",
      "allowed-database-classes: sessions: cache.r7g.xlarge",
    ]);
  });

  test("a larger fleet is found, in each of its two colours; where the file allows it, not", async () => {
    expect((await finds(web({ max: 11 }))).map(ruleOf)).toEqual([
      "machines-within-budget",
      "machines-within-budget",
    ]);
    const allowed = { "retrofit:policies": { allowed: { machines: 11 } } };
    expect(await finds({ ...web({ max: 11 }), ...allowed })).toEqual([]);
  });

  test("a machine that ships nothing is found, whatever it is for", async () => {
    const store = { "retrofit:logs": { selfHosted: { opensearch } } };
    const findings = await finds(store, ({ type, inputs }) => {
      if (type !== "aws:ec2/launchTemplate:LaunchTemplate") return;
      const text = Buffer.from(inputs.userData, "base64").toString();
      inputs.userData = Buffer.from(text.replaceAll("log-forwarder.conf", "nothing")).toString("base64");
    });
    const roles = findings.map((finding) => /^log-forwarder: .*User data of (\w+) starts/.exec(finding)?.[1]);
    expect(roles.sort()).toEqual(["content_repository", "docker_host", "log_store", "web", "web"]);
  });
});
