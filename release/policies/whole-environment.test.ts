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

/** @param change Of what the program asks for, as a mistake in it would. */
async function judged(
  config: EnvironmentConfig,
  preview = false,
  change: (resource: RecordedResource) => void = () => {},
): Promise<Judged> {
  const resources = await resourcesOf(config, preview);
  resources.forEach(change);
  const provider = resources.find(({ type }) => type === "pulumi:providers:aws")!;
  const told: Judged = { findings: [], waiting: [] };
  const configuration = packConfiguration(config);
  const asked = resources.filter(({ type }) => !type.startsWith("pulumi:")).map(asPolicyResource);
  function asPolicyResource({ urn, type, name, inputs, dependencies }: RecordedResource) {
    const from = dependencies.map((urn) => ({ urn }) as PolicyResource);
    return {
      urn,
      type,
      name,
      props: unknownCheckingProxy(inputs),
      opts: { protect: false },
      provider: { props: provider.inputs },
      // Mocks do not tell which of its properties a resource has from where: any of them may be.
      propertyDependencies: Object.fromEntries(Object.keys(inputs).map((key) => [key, from])),
    };
  }
  for (const rule of rules) {
    const { enforcementLevel, ...settings } = configuration[rule.name]!;
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
    type.startsWith("aws:") && !preview ? { ...COMPUTED, bucket: name, name, ...inputs } : undefined;
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

/**
 * What other rules say of components that the seven environments do not use: an environment that does names an exception until
 * the component or the rule is another. By rule, why.
 */
const OPEN: Record<string, string> = {
  "database-backups": "a replica is judged as if it were the writer",
  "database-survives-zone": "a replica is judged as if it were the writer",
  "load-balancer-access-logs": "internal load balancers of repositories and log stores have none",
  "load-balancer-health": "whether a node of a log store is well is the store's to say",
  "machines-in-two-zones": "a machine with a disk is in the disk's zone: each has a group of one",
  "no-forced-deletion": "a replica is judged as if it were the writer",
  "no-unrestricted-egress": "the machine of migrations may go anywhere",
  "required-tags": "groups of Docker hosts, repositories, log stores and migrations do not hand the tags on",
  "secrets-kept-as-secrets": "passwords of stores are renewed by an update, by their generation",
  "security-groups-described": "rules of repositories and of the machine of migrations have no description",
  "session-store-safe": "sessions are not backed up where nothing is said",
};

const ruleOf = (finding: string): string => finding.slice(0, finding.indexOf(":"));
const ofLimits = (findings: string[]): string[] =>
  findings.filter((finding) => LIMITS.includes(ruleOf(finding)));

describe.each(["small", "full"])("of size %s, with everything and", (size) => {
  test.each(Object.keys(EVERYTHING))(
    "%s, it is within its limits, and nothing new is found",
    async (which) => {
      const { findings, waiting } = await judged(configOf(size, EVERYTHING[which]));
      expect(ofLimits(findings)).toEqual([]);
      expect(findings.filter((finding) => !(ruleOf(finding) in OPEN))).toEqual([]);
      expect(waiting).toEqual([]);
    },
  );
});

test("nothing is written down as open that is not found any more", async () => {
  const { findings } = await judged(configOf("full", EVERYTHING["a log store on its own machines"]));
  const managed = await judged(configOf("full", EVERYTHING["a managed log store"]));
  const found = new Set([...findings, ...managed.findings].map(ruleOf));
  expect(Object.keys(OPEN).filter((rule) => !found.has(rule))).toEqual([]);
});

test("as little is found, and no rule meets a value that it cannot judge, before any of it is there", async () => {
  const { findings } = await judged(configOf("full", EVERYTHING["a log store on its own machines"]), true);
  expect(ofLimits(findings)).toEqual([]);
  expect(findings.filter((finding) => !(ruleOf(finding) in OPEN))).toEqual([]);
});

describe("beyond its limits", () => {
  const finds = async (more: object, change?: (resource: RecordedResource) => void) =>
    ofLimits((await judged(configOf("small", more), false, change)).findings);
  const web = (more: object) => ({
    "retrofit:web": { testers: ["10.0.0.0/8"], certificateArn: certificate, ...more },
  });

  test.each([
    ["the web machines", web({ instanceType: "m6i.16xlarge" }), "m6i.16xlarge"],
    [
      "a Docker host",
      { "retrofit:docker": { instanceType: "m6i.4xlarge", containers: [reports] } },
      "m6i.4xlarge",
    ],
    [
      "a log store's machine",
      { "retrofit:logs": { selfHosted: { opensearch, instanceType: "r7g.2xlarge" } } },
      "r7g.2xlarge",
    ],
    ["the machine of migrations", { "retrofit:migrations": { instanceType: "c7i.large" } }, "c7i.large"],
  ])("%s of another type is found", async (_, more, type) => {
    const findings = await finds(more);
    expect(new Set(findings.map(ruleOf))).toEqual(new Set(["allowed-machine-types"]));
    for (const finding of findings) expect(finding).toContain(`: ${type} is not among`);
  });

  test.each([
    ["a database", { "retrofit:database": { instanceClass: "db.r7g.4xlarge" } }, "db.r7g.4xlarge"],
    ["a session store", { "retrofit:sessions": { nodeType: "cache.r7g.xlarge" } }, "cache.r7g.xlarge"],
    [
      "a managed log store",
      { "retrofit:logs": { instanceType: "r7g.2xlarge.search" } },
      "r7g.2xlarge.search",
    ],
  ])("%s of another class is found", async (_, more, type) => {
    const findings = await finds(more);
    expect(findings.map((finding) => finding.replace(/ is not among.*/, ""))).toEqual([
      expect.stringMatching(new RegExp(`^allowed-database-classes: [\\w-]+: ${type}$`)),
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

  test("a machine that ships nothing is found, in the roles that have a forwarder", async () => {
    const findings = await finds({}, ({ type, name, inputs }) => {
      if (type !== "aws:ec2/launchTemplate:LaunchTemplate" || !name.startsWith("web-1")) return;
      const text = Buffer.from(inputs.userData, "base64").toString();
      inputs.userData = Buffer.from(text.replaceAll("log-forwarder.conf", "nothing")).toString("base64");
    });
    expect(findings).toEqual([
      expect.stringMatching(/^log-forwarder: web-1.*User data of web starts none of/),
    ]);
  });
});
