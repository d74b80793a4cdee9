import * as pulumi from "@pulumi/pulumi";
import type { NetworkLike } from "../network";
import { errorOf, graphOf, resolved } from "../shared/mocks";
import { Database } from "./database";
import type { DatabaseArgs } from "./database-args";
import { connectionLimit, memoryOf, parameterList } from "./parameters";

const T = {
  instance: "aws:rds/instance:Instance",
  cluster: "aws:rds/cluster:Cluster",
  shards: "aws:rds/shardGroup:ShardGroup",
  parameters: "aws:rds/parameterGroup:ParameterGroup",
  key: "aws:kms/key:Key",
  subnets: "aws:rds/subnetGroup:SubnetGroup",
  ingress: "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
  egress: "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
  alarm: "aws:cloudwatch/metricAlarm:MetricAlarm",
  record: "aws:route53/record:Record",
  zone: "aws:route53/zone:Zone",
  check: "aws:route53/healthCheck:HealthCheck",
  proxy: "aws:rds/proxy:Proxy",
  policy: "aws:iam/rolePolicy:RolePolicy",
};

const network: NetworkLike = {
  vpcId: pulumi.output("vpc-1"),
  cidr: pulumi.output("10.20.0.0/16"),
  subnetIds: {
    public: pulumi.output(["subnet-p1"]),
    app: pulumi.output(["subnet-a1"]),
    data: pulumi.output(["subnet-d1", "subnet-d2"]),
  },
  routeTableIds: { public: pulumi.output([]), app: pulumi.output([]), data: pulumi.output([]) },
};

const SECRET = "arn:aws:secretsmanager:eu-central-1:1:secret:rds!db-1";

const database = (args: Partial<DatabaseArgs> = {}) =>
  graphOf(
    () => {
      const made = new Database("database", { network, ...args });
      made.allowFrom("web", "sg-web");
      return made;
    },
    {
      state: ({ type, name }) => {
        if (type === T.instance) {
          return {
            address: `${name}.rds`,
            identifier: `${name}-1`,
            masterUserSecrets: [{ secretArn: SECRET }],
          };
        }
        if (type === T.cluster)
          return { clusterIdentifier: name, masterUserSecrets: [{ secretArn: SECRET }] };
        if (type === T.shards) return { endpoint: "shards.rds" };
        if (type === T.proxy) return { endpoint: "proxy.rds", name };
        if (type === T.subnets) return { name: "database-1a2b3c4" };
        if (type === T.record) return { fqdn: "reader.database.internal" };
        return undefined;
      },
    },
  );

describe("what nobody should have to remember", () => {
  test("disks are encrypted with a key that rotates, and nothing is public", async () => {
    const graph = await database();
    expect(graph.one(T.key).inputs).toMatchObject({ enableKeyRotation: true });
    expect(graph.one(T.instance).inputs).toMatchObject({
      storageEncrypted: true,
      kmsKeyId: expect.stringContaining("arn:"),
      publiclyAccessible: false,
      dbSubnetGroupName: "database-1a2b3c4",
    });
    expect(graph.one(T.subnets).inputs.subnetIds).toEqual(["subnet-d1", "subnet-d2"]);
  });

  test("a key of the user's own is used instead of making one", async () => {
    const graph = await database({ kmsKeyArn: "arn:aws:kms:eu-central-1:1:key/2" });
    expect(graph.ofType(T.key)).toEqual([]);
    expect(graph.one(T.instance).inputs.kmsKeyId).toBe("arn:aws:kms:eu-central-1:1:key/2");
  });

  test("the password is made and rotated by RDS: no program and no state ever holds it", async () => {
    const graph = await database();
    const { inputs } = graph.one(T.instance);
    expect(inputs.manageMasterUserPassword).toBe(true);
    expect(Object.keys(inputs).filter((name) => /^password/i.test(name))).toEqual([]);
    expect(await resolved(graph.result.secretArn)).toBe(SECRET);
  });

  test("only security groups that were named get in, and on one port", async () => {
    const graph = await database();
    const rules = graph.ofType(T.ingress).map(({ inputs }) => inputs);
    expect(rules).toEqual([
      expect.objectContaining({ referencedSecurityGroupId: "sg-web", fromPort: 5432, toPort: 5432 }),
    ]);
    expect(rules.flatMap((rule) => Object.keys(rule)).filter((name) => /cidr/i.test(name))).toEqual([]);
    // Machines may reach out by HTTP(S) alone, so the way here is opened for them too.
    expect(graph.one(T.egress).inputs).toMatchObject({ securityGroupId: "sg-web", fromPort: 5432 });
  });

  test("connections without TLS are refused, slow statements are logged, logs leave the instance", async () => {
    const graph = await database();
    const parameters = graph.one(T.parameters).inputs;
    expect(parameters.family).toBe("postgres16");
    expect(parameters.parameters).toContainEqual({
      name: "rds.force_ssl",
      value: "1",
      applyMethod: "immediate",
    });
    expect(graph.one(T.instance).inputs.enabledCloudwatchLogsExports).toEqual(["postgresql", "upgrade"]);
  });

  test("processor, disk and connections are watched", async () => {
    const graph = await database({ alarmTopicArns: ["arn:aws:sns:eu-central-1:1:ops"] });
    expect(graph.names(T.alarm).sort()).toEqual(["database-connections", "database-cpu", "database-storage"]);
    expect(graph.one(T.alarm, "database-connections").inputs.threshold).toBe(Math.floor(112 * 0.8));
    expect(graph.one(T.alarm, "database-cpu").inputs.alarmActions).toEqual([
      "arn:aws:sns:eu-central-1:1:ops",
    ]);
  });
});

describe("a protected database", () => {
  test("survives a destroy, takes a last snapshot, has a standby and two weeks of backups", async () => {
    const graph = await database({ protected: true });
    const { inputs, options } = graph.one(T.instance);
    expect(options.protect).toBe(true);
    expect(graph.one(T.key).options.protect).toBe(true);
    expect(inputs).toMatchObject({
      deletionProtection: true,
      skipFinalSnapshot: false,
      finalSnapshotIdentifier: "database-1a2b3c4-final",
      deleteAutomatedBackups: false,
      multiAz: true,
      backupRetentionPeriod: 14,
      applyImmediately: false,
    });
  });

  test("without it an environment can be thrown away", async () => {
    const { inputs, options } = (await database()).one(T.instance);
    expect(options.protect).toBe(false);
    expect(inputs).toMatchObject({ deletionProtection: false, skipFinalSnapshot: true, multiAz: false });
    // Even then there is a day to go back.
    expect(inputs.backupRetentionPeriod).toBe(1);
  });
});

describe("replicas", () => {
  test("one is reached by its own name, so that its certificate fits", async () => {
    const graph = await database({ replicas: 1 });
    expect(await resolved(graph.result.readerEndpoint!)).toBe("database-replica-1.rds");
    expect(graph.ofType(T.zone)).toEqual([]);
  });

  test("several share a private name; one that lags is left out of it", async () => {
    const graph = await database({ replicas: 3 });
    expect(await resolved(graph.result.readerEndpoint!)).toBe("reader.database.internal");
    expect(await resolved(graph.result.readerEndpoints)).toEqual([
      "database-replica-1.rds",
      "database-replica-2.rds",
      "database-replica-3.rds",
    ]);
    expect(graph.one(T.zone).inputs.vpcs).toEqual([{ vpcId: "vpc-1" }]);
    const records = graph.ofType(T.record).map(({ inputs }) => inputs);
    expect(new Set(records.map(({ name }) => name))).toEqual(new Set(["reader.database.internal"]));
    expect(new Set(records.map(({ setIdentifier }) => setIdentifier)).size).toBe(3);
    expect(graph.ofType(T.check)).toHaveLength(3);
    expect(graph.ofType(T.alarm).filter(({ name }) => name.endsWith("-lag"))).toHaveLength(3);
  });

  test("follow the writer and have no password of their own", async () => {
    const graph = await database({ replicas: 1 });
    const { inputs } = graph.one(T.instance, "database-replica-1");
    expect(inputs.replicateSourceDb).toBe("database-1");
    expect(inputs.manageMasterUserPassword).toBeUndefined();
  });

  test("without one there is no reader", async () => {
    expect((await database()).result.readerEndpoint).toBeUndefined();
  });
});

test("sharding is Aurora Limitless: a cluster and a shard group, no instance", async () => {
  const graph = await database({ sharding: { maxAcu: 64 }, protected: true });
  expect(graph.ofType(T.instance)).toEqual([]);
  expect(graph.one(T.cluster).inputs).toMatchObject({
    engine: "aurora-postgresql",
    engineMode: "",
    clusterScalabilityType: "limitless",
    storageType: "aurora-iopt1",
    performanceInsightsRetentionPeriod: 31,
    manageMasterUserPassword: true,
    deletionProtection: true,
  });
  expect(graph.one(T.shards).inputs).toMatchObject({
    dbShardGroupIdentifier: "database-shards",
    minAcu: 16,
    maxAcu: 64,
    computeRedundancy: 1,
    publiclyAccessible: false,
  });
  expect(await resolved(graph.result.endpoint)).toBe("shards.rds");
  expect(await resolved(graph.result.databaseName)).toBe("postgres_limitless");
  expect(graph.result.instanceIdentifier).toBeUndefined();
});

test("a proxy takes the applications' connections; migrations still reach the writer", async () => {
  const graph = await database({ proxy: true });
  expect(await resolved(graph.result.endpoint)).toBe("proxy.rds");
  expect(await resolved(graph.result.writerEndpoint)).toBe("database.rds");
  expect(graph.one(T.proxy).inputs.requireTls).toBe(true);
  expect(JSON.parse(graph.one(T.policy).inputs.policy as string).Statement).toEqual([
    { Effect: "Allow", Action: "secretsmanager:GetSecretValue", Resource: SECRET },
  ]);
});

test("a restore starts from the snapshot that is named", async () => {
  const graph = await database({ restoreFrom: "before-1-4-0" });
  expect(graph.one(T.instance).inputs.snapshotIdentifier).toBe("before-1-4-0");
});

test("own parameters are laid over the component's, and those that need a restart say so", () => {
  const list = parameterList({ log_min_duration_statement: "200", max_connections: "300" });
  expect(list.find(({ name }) => name === "log_min_duration_statement")?.value).toBe("200");
  expect(list.find(({ name }) => name === "max_connections")?.applyMethod).toBe("pending-reboot");
});

test.each([
  ["db.t4g.micro", 1, 112],
  ["db.m7g.large", 8, 901],
  ["db.r6g.2xlarge", 64, 5000],
  ["db.x2g.large", undefined, undefined],
])("%s has %s GiB and takes %s connections", (instanceClass, memory, connections) => {
  expect([memoryOf(instanceClass), connectionLimit(instanceClass)]).toEqual([memory, connections]);
});

describe("wrong arguments", () => {
  const wrong = (args: Partial<DatabaseArgs>, name = "database") =>
    errorOf(() => new Database(name, { network, ...args }));

  test("are told all at once, and nothing is made", async () => {
    await expect(
      wrong({
        databaseName: "My-Shop",
        username: "postgres",
        instanceClass: "t4g.micro",
        engineVersion: "9.6",
        storageGb: 10,
        backupDays: 0,
        replicas: 1.5,
      }),
    ).resolves.toBe(`Database "database" has 7 mistakes:
  databaseName: got "My-Shop"; allowed: lower-case letters, digits and _, beginning with a letter, at most 63
    → Write a name that SQL takes without quotes, such as "app".
  username: got "postgres"; allowed: lower-case letters, digits and _, beginning with a letter, but none of admin, postgres, rdsadmin, root, public, user
    → Write another name, such as "app_admin".
  instanceClass: got "t4g.micro"; allowed: an RDS instance class, which begins with db.
    → Write "db.t4g.micro".
  engineVersion: got "9.6"; allowed: 14, 15, 16, 17, or one of these with its minor version
    → Write "16".
  storageGb: got 10; allowed: a whole number from 20 to 65536
    → Write 20.
  backupDays: got 0; allowed: a whole number from 1 to 35
    → Write 1.
  replicas: got 1.5; allowed: a whole number from 0 to 15
    → Write 2.`);
  });

  test.each<[string, Partial<DatabaseArgs>, string]>([
    [
      "a disk that may grow to less than it has",
      { storageGb: 100, maxStorageGb: 50 },
      "maxStorageGb: got 50",
    ],
    [
      "sharding with replicas",
      { sharding: { maxAcu: 64 }, replicas: 2 },
      "replicas: got 2; allowed: nothing with sharding",
    ],
    ["sharding with a proxy", { sharding: { maxAcu: 64 }, proxy: true }, "proxy: got true"],
    ["sharding with a name", { sharding: { maxAcu: 64 }, databaseName: "shop" }, 'databaseName: got "shop"'],
    [
      "too few capacity units",
      { sharding: { maxAcu: 8 } },
      "sharding.maxAcu: got 8; allowed: a whole number from 16 to 6144",
    ],
    ["more least units than most", { sharding: { minAcu: 128, maxAcu: 64 } }, "sharding.minAcu: got 128"],
  ])("%s is refused", async (_what, args, message) => {
    expect(await wrong(args)).toContain(message);
  });

  test("a name that AWS would refuse", async () => {
    expect(await wrong({}, "My_DB")).toContain('name: got "My_DB"');
  });
});
