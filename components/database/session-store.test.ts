import * as pulumi from "@pulumi/pulumi";
import type { NetworkLike } from "../network";
import { errorOf, graphOf, resolved } from "../shared/mocks";
import { SessionStore } from "./session-store";
import type { SessionStoreArgs } from "./session-store-args";

const T = {
  group: "aws:elasticache/replicationGroup:ReplicationGroup",
  subnets: "aws:elasticache/subnetGroup:SubnetGroup",
  secret: "aws:secretsmanager/secret:Secret",
  version: "aws:secretsmanager/secretVersion:SecretVersion",
  ingress: "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
  egress: "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
  alarm: "aws:cloudwatch/metricAlarm:MetricAlarm",
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

const store = (args: Partial<SessionStoreArgs> = {}) =>
  graphOf(
    () => {
      const made = new SessionStore("sessions", { network, ...args });
      made.allowFrom("web", "sg-web");
      return made;
    },
    {
      state: ({ type, name }) =>
        type === T.group
          ? { primaryEndpointAddress: "sessions.cache", replicationGroupId: `${name}-1` }
          : type === T.version
            ? { versionId: "v1" }
            : undefined,
      calls: {
        "aws:secretsmanager/getRandomPassword:getRandomPassword": () => ({ randomPassword: "r4nd0m" }),
      },
    },
  );

/** A value that the engine was told is a secret. */
const secret = (value: unknown) => expect.objectContaining({ value });

test("everything is encrypted and asked for a token, in the data subnets", async () => {
  const graph = await store();
  expect(graph.one(T.group).inputs).toMatchObject({
    engine: "valkey",
    transitEncryptionEnabled: true,
    atRestEncryptionEnabled: true,
    securityGroupIds: ["sessions-id"],
  });
  expect(graph.one(T.subnets).inputs.subnetIds).toEqual(["subnet-d1", "subnet-d2"]);
});

test("the token is generated, goes to Secrets Manager, and the engine knows it as a secret", async () => {
  const graph = await store();
  const text = JSON.stringify({ username: "default", token: "r4nd0m" });
  expect(graph.one(T.version).inputs.secretString).toEqual(secret(text));
  expect(graph.one(T.group).inputs.authToken).toEqual(secret("r4nd0m"));
  // The next run generates another text; the store must not follow it.
  expect(graph.one(T.version).options.ignoreChanges).toEqual(["secretString"]);
});

test("another generation is another token, and the former stays good meanwhile", async () => {
  const graph = await store({ tokenGeneration: 2 });
  expect(graph.names(T.version)).toEqual(["sessions-2"]);
  expect(graph.one(T.group).inputs.authTokenUpdateStrategy).toBe("ROTATE");
});

test("only security groups that were named get in, and on one port", async () => {
  const graph = await store();
  expect(graph.ofType(T.ingress).map(({ inputs }) => inputs)).toEqual([
    expect.objectContaining({ referencedSecurityGroupId: "sg-web", fromPort: 6379, toPort: 6379 }),
  ]);
  expect(graph.one(T.egress).inputs).toMatchObject({ securityGroupId: "sg-web", fromPort: 6379 });
});

test("a protected store has a node in another zone that takes over; each node is watched", async () => {
  const graph = await store({ protected: true });
  expect(graph.one(T.group).inputs).toMatchObject({
    numCacheClusters: 2,
    multiAzEnabled: true,
    automaticFailoverEnabled: true,
  });
  expect(graph.ofType(T.alarm)).toHaveLength(6);
  expect(graph.one(T.alarm, "sessions-2-memory").inputs.dimensions).toEqual({
    CacheClusterId: "sessions-1-002",
  });
  expect(graph.one(T.secret).inputs.recoveryWindowInDays).toBe(7);
});

test("a small one is a single node that leaves nothing behind", async () => {
  const graph = await store();
  expect(graph.one(T.group).inputs).toMatchObject({ numCacheClusters: 1, automaticFailoverEnabled: false });
  expect(graph.one(T.secret).inputs.recoveryWindowInDays).toBe(0);
  expect(await resolved(graph.result.endpoint)).toBe("sessions.cache");
});

test("wrong arguments are told all at once", async () => {
  await expect(
    errorOf(
      () =>
        new SessionStore("sessions", {
          network,
          nodeType: "t4g.micro",
          nodes: 1,
          multiAz: true,
          engineVersion: "6.0",
          snapshotDays: 90,
        }),
    ),
  ).resolves.toBe(`SessionStore "sessions" has 4 mistakes:
  snapshotDays: got 90; allowed: a whole number from 0 to 35
    → Write 35.
  nodeType: got "t4g.micro"; allowed: an ElastiCache node type, which begins with cache.
    → Write "cache.t4g.micro".
  nodes: got 1; allowed: 2 to 6 with multiAz: in another zone something has to be there to take over
    → Write 2, or multiAz: false.
  engineVersion: got "6.0"; allowed: "7.2", "8.0"
    → Write "8.0".`);
});
