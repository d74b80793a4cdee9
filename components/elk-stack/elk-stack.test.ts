import * as pulumi from "@pulumi/pulumi";
import type { NetworkLike } from "../network";
import { errorOf, graphOf } from "../shared/mocks";
import { resolved } from "../shared/outputs";
import type { ManagedStoreArgs } from "./args";
import { ElkStack } from "./elk-stack";
import { daysThatFit, diskPerNode, neededGb } from "./sizing";

const T = {
  domain: "aws:opensearch/domain:Domain",
  ingress: "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
  alarm: "aws:cloudwatch/metricAlarm:MetricAlarm",
  logGroup: "aws:cloudwatch/logGroup:LogGroup",
  rolePolicy: "aws:iam/rolePolicy:RolePolicy",
  secret: "aws:secretsmanager/secret:Secret",
  secretVersion: "aws:secretsmanager/secretVersion:SecretVersion",
};

const network: NetworkLike = {
  vpcId: pulumi.output("vpc-1"),
  cidr: pulumi.output("10.20.0.0/16"),
  subnetIds: {
    public: pulumi.output(["subnet-p1"]),
    app: pulumi.output(["subnet-a1"]),
    data: pulumi.output(["subnet-d1", "subnet-d2", "subnet-d3"]),
  },
  routeTableIds: { public: pulumi.output([]), app: pulumi.output([]), data: pulumi.output([]) },
};

const make = (args: Partial<ManagedStoreArgs> = {}) => {
  const stack = new ElkStack("logs", { network, dailyGb: 2, retentionDays: 10, ...args });
  stack.allowFrom("web", "sg-web");
  return stack;
};

const graphWith = (args: Partial<ManagedStoreArgs> = {}) =>
  graphOf(() => make(args), {
    state: ({ type }) => (type === T.domain ? { endpoint: "logs.example" } : undefined),
    calls: { "aws:secretsmanager/getRandomPassword:getRandomPassword": () => ({ randomPassword: "Aa1!" }) },
  });

const domainOf = async (args: Partial<ManagedStoreArgs> = {}) => (await graphWith(args)).one(T.domain);

test("everything is encrypted, asked for a password, in the VPC and open to nobody but who was named", async () => {
  const graph = await graphWith();
  expect(graph.one(T.domain).inputs).toMatchObject({
    encryptAtRest: { enabled: true },
    nodeToNodeEncryption: { enabled: true },
    domainEndpointOptions: { enforceHttps: true, tlsSecurityPolicy: "Policy-Min-TLS-1-2-PFS-2023-10" },
    vpcOptions: { subnetIds: ["subnet-d1"], securityGroupIds: ["logs-id"] },
    offPeakWindowOptions: { enabled: true },
  });
  expect(graph.ofType(T.ingress).map(({ inputs }) => inputs)).toEqual([
    expect.objectContaining({ referencedSecurityGroupId: "sg-web", fromPort: 443, toPort: 443 }),
  ]);
});

test("the password is one that only the secret and the domain know", async () => {
  const { inputs } = await domainOf();
  expect(JSON.stringify(inputs.advancedSecurityOptions)).toContain("masterUserName");
  // The engine marks what it was told is a secret, by an object of its own around it.
  expect(inputs.advancedSecurityOptions).not.toMatchObject({
    masterUserOptions: { masterUserPassword: "Aa1!" },
  });
});

test("machines get a secret of their own, which the domain does not know and the engine is told is one", async () => {
  const graph = await graphWith({ protected: true });
  const [user, writer] = await Promise.all([
    resolved(graph.result.secretArn),
    resolved(graph.result.writerSecretArn),
  ]);
  expect([user, writer]).toEqual([
    expect.stringContaining("logs-user"),
    expect.stringContaining("logs-writer"),
  ]);
  expect(graph.one(T.secret, "logs-writer").inputs).toMatchObject({ recoveryWindowInDays: 7 });
  const { inputs, options } = graph.one(T.secretVersion, "logs-writer");
  expect(inputs.secretString).toEqual(
    expect.objectContaining({ value: expect.stringContaining('"username":"retrofit-forwarder"') }),
  );
  // A rotated one is not set back.
  expect(options.ignoreChanges).toEqual(["secretString"]);
});

test("protected is three nodes in three zones with masters, and a domain that is not removed by accident", async () => {
  const { inputs, options } = await domainOf({ protected: true });
  expect(inputs.clusterConfig).toMatchObject({
    instanceCount: 3,
    zoneAwarenessEnabled: true,
    zoneAwarenessConfig: { availabilityZoneCount: 3 },
    dedicatedMasterEnabled: true,
    dedicatedMasterCount: 3,
  });
  expect(options.protect).toBe(true);
});

test("the store's own slow, error and audit logs are kept", async () => {
  const graph = await graphWith({ logRetentionDays: 90 });
  expect(graph.one(T.domain).inputs.logPublishingOptions).toHaveLength(4);
  expect(graph.ofType(T.logGroup).map(({ inputs }) => inputs.retentionInDays)).toEqual([90, 90, 90, 90]);
});

test("red, yellow, storage, memory and snapshots are watched", async () => {
  const graph = await graphWith({ storageGb: 100, alarmTopicArns: ["arn:aws:sns:eu-central-1:1:ops"] });
  const alarms = graph.ofType(T.alarm).map(({ inputs }) => inputs);
  expect(alarms.map(({ metricName }) => metricName)).toEqual(
    expect.arrayContaining([
      "ClusterStatus.red",
      "ClusterStatus.yellow",
      "FreeStorageSpace",
      "JVMMemoryPressure",
      "AutomatedSnapshotFailure",
    ]),
  );
  for (const alarm of alarms) expect(alarm.alarmActions).toEqual(["arn:aws:sns:eu-central-1:1:ops"]);
  // A fifth of 100 GB, in MB as the metric counts.
  expect(alarms.find(({ metricName }) => metricName === "FreeStorageSpace")?.threshold).toBe(20_480);
});

test("the office gets to the dashboards, and the store to its part of the bucket only", async () => {
  const graph = await graphWith({
    viewers: ["10.99.0.0/16"],
    snapshots: { bucket: "artifacts", prefix: "log-snapshots/" },
  });
  expect(graph.ofType(T.ingress).map(({ inputs }) => inputs.cidrIpv4)).toContain("10.99.0.0/16");
  const policy = String(graph.one(T.rolePolicy).inputs.policy);
  expect(policy).toContain("arn:aws:s3:::artifacts/log-snapshots/*");
  expect(policy).not.toContain('"Resource":"*"');
});

test.each<[string, Partial<ManagedStoreArgs>, string, unknown]>([
  [
    "type of the nodes",
    { instanceType: "r7g.large.search" },
    "clusterConfig.instanceType",
    "r7g.large.search",
  ],
  ["number of nodes", { nodes: 2 }, "clusterConfig.instanceCount", 2],
  ["disk", { storageGb: 200 }, "ebsOptions.volumeSize", 200],
  ["version", { engineVersion: "2.17" }, "engineVersion", "OpenSearch_2.17"],
  ["name", { domainName: "shared" }, "domainName", "shared"],
  ["masters", { dedicatedMasters: true }, "clusterConfig.dedicatedMasterCount", 3],
  ["tags", { tags: { team: "ops" } }, "tags.team", "ops"],
  ["a transform", { transform: { domain: { ipAddressType: "dualstack" } } }, "ipAddressType", "dualstack"],
])("%s can be chosen", async (_, args, path, wanted) => {
  expect((await domainOf(args)).inputs).toHaveProperty(path, wanted);
});

describe("disks", () => {
  test("hold what comes in for as long as it stays, and one day more", () => {
    expect(neededGb({ dailyGb: 10, retentionDays: 9 }, 1)).toBeCloseTo(145);
    // With a second node each line is there twice.
    expect(neededGb({ dailyGb: 10, retentionDays: 9 }, 2)).toBeCloseTo(290);
  });
  test("of the default size hold the retention that they were made for", () => {
    for (const [dailyGb, retentionDays, nodes] of [
      [0.5, 7, 1],
      [10, 30, 3],
      [200, 14, 6],
    ] as const) {
      const disk = diskPerNode({ dailyGb, retentionDays }, nodes);
      expect(daysThatFit(dailyGb, disk, nodes)).toBeGreaterThanOrEqual(retentionDays);
    }
  });
});

test.each<[string, Partial<ManagedStoreArgs>, string]>([
  [
    "retention longer than the disks allow",
    { storageGb: 20, dailyGb: 5, retentionDays: 30 },
    "storageGb: got 20; allowed: 225 or more for 5 GB a day, 30 days and 1 node\n    → Give each node 270 GB, or keep lines for 1 day.",
  ],
  [
    "the public as a viewer",
    { viewers: ["0.0.0.0/0"] },
    'viewers[0]: got "0.0.0.0/0"; allowed: a private network, such as 10.20.0.0/16',
  ],
  ["a public address as a viewer", { viewers: ["203.0.113.7/32"] }, "Reach the dashboards through the VPN"],
  ["four nodes", { nodes: 4 }, "nodes: got 4; allowed: 1, 2, 3 or a multiple of 3"],
  ["one protected node", { protected: true, nodes: 1 }, "allowed: 3 or more where protected"],
  ["no lines at all", { dailyGb: 0 }, "dailyGb: got 0; allowed: above 0"],
  ["a name that the service does not take", { domainName: "Logs" }, 'domainName: got "Logs"'],
])("%s is refused", async (_, args, message) => {
  expect(await errorOf(() => make(args))).toContain(message);
});
