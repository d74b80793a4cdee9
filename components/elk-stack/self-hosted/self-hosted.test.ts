import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { ArtifactStore } from "../../artifact-store";
import { MachineConfiguration, type MachineDescription } from "../../machine";
import type { NetworkLike } from "../../network";
import { errorOf, type Graph, graphOf } from "../../shared/mocks";
import { LOG_STORE_ROLE, type SelfHostedStoreArgs } from "../args";
import { ElkStack } from "../elk-stack";

// The first graph loads the SDK, which takes its time where others work too.
jest.setTimeout(60_000);

const T = {
  group: "aws:autoscaling/group:Group",
  template: "aws:ec2/launchTemplate:LaunchTemplate",
  volume: "aws:ebs/volume:Volume",
  listener: "aws:lb/listener:Listener",
  ingress: "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
  egress: "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
  rolePolicy: "aws:iam/rolePolicy:RolePolicy",
  alarm: "aws:cloudwatch/metricAlarm:MetricAlarm",
  secretVersion: "aws:secretsmanager/secretVersion:SecretVersion",
};

const network: NetworkLike = {
  vpcId: pulumi.output("vpc-1"),
  cidr: pulumi.output("10.20.0.0/16"),
  subnetIds: {
    public: pulumi.output(["subnet-p1"]),
    app: pulumi.output(["subnet-a1", "subnet-a2", "subnet-a3"]),
    data: pulumi.output(["subnet-d1"]),
  },
  routeTableIds: { public: pulumi.output([]), app: pulumi.output([]), data: pulumi.output([]) },
};

const opensearch = { url: "https://mirror.example.com/opensearch.tar.gz", sha256: "a".repeat(64) };
const dashboards = { url: "https://mirror.example.com/dashboards.tar.gz", sha256: "b".repeat(64) };
const logstash = { url: "https://mirror.example.com/logstash.tar.gz", sha256: "c".repeat(64) };

const AUTHORITY = JSON.stringify({
  certificate: "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
  key: "-----BEGIN PRIVATE KEY-----\nMIIC\n-----END PRIVATE KEY-----\n",
});

/** The smallest configuration that has the role: what is in the real one, tests/machines looks at. */
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "retrofit-log-store-"));
  mkdirSync(join(folder, "site-modules/role/manifests"), { recursive: true });
  writeFileSync(join(folder, "hiera.yaml"), "version: 5\n");
  writeFileSync(join(folder, "site-modules/role/manifests/log_store.pp"), "class role::log_store {\n}\n");
});
afterAll(() => rmSync(folder, { recursive: true }));

function make(args: Partial<SelfHostedStoreArgs> = {}): ElkStack {
  const configuration = new MachineConfiguration("machines", {
    folder,
    store: new ArtifactStore("artifacts"),
    roles: [LOG_STORE_ROLE],
    environment: "dev",
  });
  const stack = new ElkStack("logs", {
    store: "selfHosted",
    network,
    configuration,
    programs: { opensearch },
    dailyGb: 2,
    retentionDays: 10,
    ...args,
  });
  stack.allowFrom("web", "sg-web");
  return stack;
}

const graphWith = (args: Partial<SelfHostedStoreArgs> = {}): Promise<Graph<ElkStack>> =>
  graphOf(() => make(args), {
    state: ({ type, name }) => {
      if (type.includes("LoadBalancer")) return { dnsName: "logs.elb.example" };
      // Made once: what is in the secret stays, whatever later runs make.
      return type === T.secretVersion && name === "logs-authority" ? { secretString: AUTHORITY } : undefined;
    },
    calls: {
      "aws:ec2/getAmi:getAmi": () => ({ id: "ami-1" }),
      "aws:ec2/getSubnet:getSubnet": ({ id }) => ({ availabilityZone: `zone-of-${id}` }),
    },
  });

const resolved = <T>(output: pulumi.Output<T> | undefined): Promise<T | undefined> =>
  new Promise((resolve) => pulumi.output(output).apply((value) => resolve(value as T | undefined)));

type Node = Record<string, unknown> & { number: number };

/** What a node's machine is told. */
function nodeIn({ userData }: { userData?: string }): { text: string; node: Node } {
  const text = Buffer.from(userData!, "base64").toString("utf8");
  const { write_files } = parse(text) as { write_files: { path: string; content: string }[] };
  const file = write_files.find(({ path }) => path === "/etc/retrofit/machine.json")!;
  const document = JSON.parse(file.content) as MachineDescription;
  expect(document.role).toBe("log_store");
  return { text, node: document.settings!["profile::log_store::node"] as Node };
}

test("three nodes are in three zones, each a group of one with a disk that outlives its machine", async () => {
  const graph = await graphWith({ nodes: 3, protected: true });
  const groups = graph.ofType(T.group).map(({ inputs }) => inputs);
  expect(groups.map(({ vpcZoneIdentifiers }) => vpcZoneIdentifiers)).toEqual([
    ["subnet-a1"],
    ["subnet-a2"],
    ["subnet-a3"],
  ]);
  expect(groups.map(({ minSize, maxSize, desiredCapacity }) => [minSize, maxSize, desiredCapacity])).toEqual(
    Array(3).fill([0, 1, 1]),
  );
  const volumes = graph.ofType(T.volume).map(({ inputs }) => inputs);
  expect(volumes.map(({ availabilityZone }) => availabilityZone)).toEqual([
    "zone-of-subnet-a1",
    "zone-of-subnet-a2",
    "zone-of-subnet-a3",
  ]);
  for (const volume of volumes) expect(volume).toMatchObject({ encrypted: true, finalSnapshot: true });
  const told = graph.ofType(T.template).map(({ inputs }) => nodeIn(inputs).node);
  expect(told.map(({ volume }) => volume)).toEqual(["logs-0-data-id", "logs-1-data-id", "logs-2-data-id"]);
});

test("nodes change one after another, and each looks first whether the store is whole", async () => {
  const graph = await graphWith({ nodes: 3 });
  const [first, second, third] = graph.ofType(T.group);
  expect(second!.dependencies).toContain(first!.urn);
  expect(third!.dependencies).toEqual(expect.arrayContaining([first!.urn, second!.urn]));
  for (const group of [first!, second!, third!])
    expect(group.options.hooks.beforeUpdate).toEqual(["logs-green"]);
});

test("a store that only another configuration brings back is changed without a look, on request only", async () => {
  const group = (await graphWith({ replaceNodes: "always" })).one(T.group);
  expect(group.options.hooks.beforeUpdate).toEqual([]);
});

test("more nodes replace none of those that are there", async () => {
  const userData = async (nodes: number) =>
    (await graphWith({ nodes })).ofType(T.template)[0]!.inputs.userData;
  expect(await userData(5)).toBe(await userData(3));
});

test("another program replaces every node", async () => {
  const userData = async (sha256: string) =>
    (await graphWith({ nodes: 3, programs: { opensearch: { ...opensearch, sha256 } } }))
      .ofType(T.template)
      .map(({ inputs }) => inputs.userData);
  const [before, after] = [await userData("a".repeat(64)), await userData("d".repeat(64))];
  expect(after.filter((one, index) => one === before[index])).toEqual([]);
});

test("neither the password nor the authority's key is in user data; the certificate is for everybody", async () => {
  const graph = await graphWith();
  const { text, node } = nodeIn(graph.one(T.template).inputs);
  expect(text).not.toMatch(/PRIVATE KEY|a-random-password/);
  expect(node).toMatchObject({ authority_secret: expect.any(String), user_secret: expect.any(String) });
  const certificate = await resolved(graph.result.trustedCertificate);
  expect(certificate).toMatch(/^-----BEGIN CERTIFICATE-----/);
  // The engine is told that what holds the key is a secret.
  const authority = graph.one(T.secretVersion, "logs-authority");
  expect(authority.inputs.secretString).toEqual(
    expect.objectContaining({ value: expect.stringContaining("PRIVATE KEY") }),
  );
});

test("clients reach the balancer, the balancer the nodes, and nodes each other; nobody else gets in", async () => {
  const graph = await graphWith({
    programs: { opensearch, dashboards, logstash },
    viewers: ["10.99.0.0/16"],
  });
  expect(graph.ofType(T.listener).map(({ inputs }) => [inputs.port, inputs.protocol])).toEqual([
    [5044, "TCP"],
    [5601, "TCP"],
    [443, "TCP"],
  ]);
  const rules = graph.ofType(T.ingress).map(({ inputs }) => inputs);
  expect(
    rules
      .map(
        ({ fromPort, cidrIpv4, referencedSecurityGroupId }) =>
          `${fromPort} ${cidrIpv4 ?? referencedSecurityGroupId}`,
      )
      .sort(),
  ).toEqual([
    "443 10.99.0.0/16",
    "443 logs-nodes-id",
    "443 sg-web",
    "5044 10.99.0.0/16",
    "5044 logs-id",
    "5601 10.99.0.0/16",
    "5601 logs-id",
    "9200 logs-id",
    "9300 logs-nodes-id",
  ]);
});

test("its machines ship their own lines into it, and syslog of appliances where asked", async () => {
  const forwarder = async (args: Partial<SelfHostedStoreArgs>) => {
    const graph = await graphWith(args);
    const text = Buffer.from(graph.one(T.template).inputs.userData, "base64").toString("utf8");
    const { write_files } = parse(text) as { write_files: { path: string; content: string }[] };
    const read = (path: string) => write_files.find((file) => file.path === path)!.content;
    const unpacked = (path: string) => gunzipSync(Buffer.from(read(path), "base64")).toString("utf8");
    const { logs } = JSON.parse(read("/etc/retrofit/machine.json")) as MachineDescription;
    expect(logs?.secretArn).toContain("logs-writer");
    expect(unpacked("/etc/retrofit/log-store.pem")).toMatch(/^-----BEGIN CERTIFICATE-----/);
    return { graph, text: unpacked("/etc/retrofit/log-forwarder.conf") };
  };
  const plain = await forwarder({});
  expect(plain.text).toContain('url("https://logs.elb.example/_bulk")');
  expect(plain.text).toContain('set("logs-system-dev"');
  expect(plain.text).not.toContain("6514");
  const { text, graph } = await forwarder({ syslog: true, viewers: ["10.99.0.0/16"] });
  expect(text).toContain('syslog(transport("tcp") port(6514)');
  expect(text).toContain("/var/log/collected/");
  const doors = graph.ofType(T.ingress).filter(({ inputs }) => inputs.fromPort === 6514);
  expect(doors.map(({ inputs }) => inputs.cidrIpv4 ?? inputs.referencedSecurityGroupId).sort()).toEqual([
    "10.99.0.0/16",
    "logs-id",
  ]);
});

test("both forms give the same", async () => {
  const { result } = await graphWith({ programs: { opensearch, dashboards } });
  expect(await resolved(result.endpoint)).toBe("https://logs.elb.example");
  expect(await resolved(result.dashboardsUrl)).toBe("https://logs.elb.example:5601");
  expect(result.replicas).toBe(0);
  expect((await graphWith()).result.dashboardsUrl).toBeUndefined();
});

test("a node may attach its store's disks to machines of the store, and write its part of the bucket", async () => {
  const graph = await graphWith({ snapshots: { bucket: "artifacts", prefix: "log-snapshots/" } });
  const { Statement } = JSON.parse(String(graph.one(T.rolePolicy, "logs-node").inputs.policy)) as {
    Statement: { Action: string | string[]; Resource: string | string[]; Condition?: object }[];
  };
  const everything = Statement.filter(({ Resource }) => Resource.includes("*") && Resource.length === 1);
  expect(everything.flatMap(({ Action }) => Action)).toEqual(["ec2:DescribeInstances"]);
  expect(JSON.stringify(Statement)).toContain("volume/logs-0-data-id");
  expect(JSON.stringify(Statement)).toContain("arn:aws:s3:::artifacts/log-snapshots/*");
});

test("red, yellow, disk and memory of the nodes are watched", async () => {
  const all = (await graphWith()).ofType(T.alarm).map(({ inputs }) => inputs);
  const alarms = all.filter(({ dimensions }) => dimensions.LogStore !== undefined);
  expect(alarms.map(({ metricName }) => metricName)).toEqual([
    "LogStoreHeapUsed",
    "LogStoreRed",
    "LogStoreDiskUsed",
    "LogStoreYellow",
  ]);
  for (const { dimensions } of alarms) expect(dimensions).toEqual({ LogStore: "logs-stack" });
});

test.each<[string, Partial<SelfHostedStoreArgs>, string, string, unknown]>([
  ["type of the machines", { instanceType: "r6i.large" }, T.template, "instanceType", "r6i.large"],
  ["image", { imageId: "ami-own" }, T.template, "imageId", "ami-own"],
  ["disk", { storageGb: 200 }, T.volume, "size", 200],
  ["tags", { tags: { team: "ops" } }, T.volume, "tags.team", "ops"],
  [
    "a transform",
    { transform: { launchTemplate: { ebsOptimized: "true" } } },
    T.template,
    "ebsOptimized",
    "true",
  ],
])("%s can be chosen", async (_, args, type, path, wanted) => {
  expect((await graphWith(args)).one(type).inputs).toHaveProperty(path, wanted);
});

test.each<[string, Partial<SelfHostedStoreArgs>, string]>([
  ["two nodes", { nodes: 2 }, "nodes: got 2; allowed: 1, or 3 to 30"],
  ["one protected node", { nodes: 1, protected: true }, "allowed: 3 or more where protected"],
  ["the public as a viewer", { viewers: ["0.0.0.0/0"] }, "Reach the dashboards through the VPN"],
  [
    "a program without its sum",
    { programs: { opensearch: { ...opensearch, sha256: "" } } },
    "programs.opensearch.sha256",
  ],
  [
    "an address that a shell would take apart",
    { programs: { opensearch, plugins: [{ ...opensearch, url: "https://mirror.example.com/$(id)" }] } },
    'programs.plugins[0].url: got "https://mirror.example.com/$(id)"',
  ],
  [
    "retention longer than the disks allow",
    { storageGb: 20, dailyGb: 5, retentionDays: 30 },
    "keep lines for 1 day",
  ],
  [
    "a third form",
    { store: "elastic" as "selfHosted" },
    'store: got "elastic"; allowed: managed or selfHosted',
  ],
])("%s is refused", async (_, args, message) => {
  expect(await errorOf(() => make(args))).toContain(message);
});
