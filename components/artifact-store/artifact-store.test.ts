import * as pulumi from "@pulumi/pulumi";
import type { NetworkLike } from "../network";
import { errorOf, graphOf, resolved } from "../shared/mocks";
import type { ArtifactStoreArgs } from "./args";
import { ArtifactStore } from "./artifact-store";
import type { InboxArgs } from "./inbox";

const T = {
  key: "aws:kms/key:Key",
  bucket: "aws:s3/bucket:Bucket",
  encryption: "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
  lock: "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
  bucketPolicy: "aws:s3/bucketPolicy:BucketPolicy",
  lifecycle: "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
  replication: "aws:s3/bucketReplicationConfig:BucketReplicationConfig",
  notification: "aws:s3/bucketNotification:BucketNotification",
  s3Files: "aws:s3/filesFileSystem:FilesFileSystem",
  shareReplication: "aws:efs/replicationConfiguration:ReplicationConfiguration",
  fileSystem: "aws:efs/fileSystem:FileSystem",
  target: "aws:efs/mountTarget:MountTarget",
  accessPoint: "aws:efs/accessPoint:AccessPoint",
  plan: "aws:backup/plan:Plan",
  selection: "aws:backup/selection:Selection",
  queue: "aws:sqs/queue:Queue",
  redrive: "aws:sqs/redrivePolicy:RedrivePolicy",
  alarm: "aws:cloudwatch/metricAlarm:MetricAlarm",
  rights: "aws:iam/rolePolicy:RolePolicy",
  group: "aws:autoscaling/group:Group",
  template: "aws:ec2/launchTemplate:LaunchTemplate",
  balancer: "aws:lb/loadBalancer:LoadBalancer",
  listener: "aws:lb/listener:Listener",
  secret: "aws:secretsmanager/secret:Secret",
  ingress: "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
};

const network: NetworkLike = {
  vpcId: pulumi.output("vpc-1"),
  cidr: pulumi.output("10.20.0.0/16"),
  subnetIds: {
    public: pulumi.output(["subnet-p1"]),
    app: pulumi.output(["subnet-a1", "subnet-a2"]),
    data: pulumi.output(["subnet-d1"]),
  },
  routeTableIds: { public: pulumi.output([]), app: pulumi.output([]), data: pulumi.output([]) },
  plan: { cidr: "10.20.0.0/16", routeTables: { public: 1, app: 2, data: 1 } },
};
const role = { roleName: "web-role" };
const program = {
  bucket: "artifacts",
  key: "releases/repository/1/x.tar.gz",
  sha256: "a".repeat(64),
  version: "1.0.0",
};
const repository = {
  mode: "repository",
  network,
  program,
  environment: "dev",
  region: "eu-central-1",
} as const;

const calls = {
  "aws:secretsmanager/getRandomPassword:getRandomPassword": () => ({ randomPassword: "r4nd0m" }),
  "aws:ec2/getAmi:getAmi": () => ({ id: "ami-1" }),
  "aws:index/getCallerIdentity:getCallerIdentity": () => ({ accountId: "111122223333" }),
  "aws:index/getRegion:getRegion": () => ({ region: "eu-central-1", name: "eu-central-1" }),
};

const store = (args: ArtifactStoreArgs = {}, use: (made: ArtifactStore) => void = () => {}) =>
  graphOf(
    () => {
      const made = new ArtifactStore("files", args);
      use(made);
      return made;
    },
    { calls },
  );

/** Rights by grant, each as `action on resource`. */
const rightsOf = (graph: Awaited<ReturnType<typeof store>>, name: string): string[] =>
  JSON.parse(graph.one(T.rights, name).inputs.policy).Statement.flatMap(
    ({ Action, Resource }: { Action: string[]; Resource: string }) =>
      Action.map((action) => `${action} on ${Resource.replace(/^arn:aws:mock:[^:]*:\d*:/, "")}`),
  );

describe("every mode", () => {
  test.each([
    ["bucket", {}],
    ["share", { mode: "share", network }],
    ["repository", repository],
  ] as [string, ArtifactStoreArgs][])(
    "%s: one key of its own, turned over each year",
    async (_mode, args) => {
      const graph = await store(args);
      expect(graph.one(T.key).inputs).toMatchObject({ enableKeyRotation: true, deletionWindowInDays: 7 });
      expect(graph.ofType(T.alarm).length).toBeGreaterThan(0);
    },
  );

  test("a key that is there is taken", async () => {
    const graph = await store({ kmsKeyArn: "arn:aws:kms:eu-central-1:1:key/own" });
    expect(graph.ofType(T.key)).toEqual([]);
    const [rule] = graph.one(T.encryption).inputs.rules;
    expect(rule.applyServerSideEncryptionByDefault.kmsMasterKeyId).toBe("arn:aws:kms:eu-central-1:1:key/own");
  });

  test("what holds data in a protected environment cannot be deleted until somebody says so", async () => {
    const options = async (args: ArtifactStoreArgs, type: string) => {
      const { inputs, options: o } = (await store(args)).one(type, "files");
      return [inputs.forceDestroy, o.protect];
    };
    expect(await options({ protected: true, accessLogs: false }, T.bucket)).toEqual([false, true]);
    expect(await options({ protected: true, accessLogs: false, deletable: true }, T.bucket)).toEqual([
      true,
      false,
    ]);
    expect(await options({}, T.bucket)).toEqual([true, false]);
    expect((await options({ mode: "share", network, protected: true }, T.fileSystem))[1]).toBe(true);
  });
});

describe("bucket", () => {
  test("locks, moves, expires and copies as asked, and not otherwise", async () => {
    const plain = await store();
    expect([plain.ofType(T.lock), plain.ofType(T.replication), plain.ofType(T.plan)]).toEqual([[], [], []]);
    const graph = await store({
      protected: true,
      objectLock: { days: 30, mode: "compliance" },
      lifecycle: { infrequentAfterDays: 30, archiveAfterDays: 180, oldVersionsDays: 10 },
      replicateTo: "eu-west-1",
    });
    expect(graph.one(T.lock).inputs.rule.defaultRetention).toEqual({ mode: "COMPLIANCE", days: 30 });
    expect(graph.one(T.bucket, "files").inputs.objectLockEnabled).toBe(true);
    expect(graph.one(T.lifecycle, "files").inputs.rules[0]).toMatchObject({
      transitions: [
        { days: 30, storageClass: "STANDARD_IA" },
        { days: 180, storageClass: "GLACIER_IR" },
      ],
      noncurrentVersionExpiration: { noncurrentDays: 10 },
      abortIncompleteMultipartUpload: { daysAfterInitiation: 3 },
    });
    const replica = graph.one(T.bucket, "files-replica");
    expect(replica.provider).toContain("files-replica");
    expect(graph.one(T.replication).inputs.rules[0].destination.bucket).toContain("files-replica");
    expect(graph.one(T.plan).inputs.rules[0].lifecycle.deleteAfter).toBe(35);
    expect(graph.names(T.bucket)).toEqual(["files", "files-logs", "files-replica"]);
  });

  test("a role gets what it was granted, under its prefix", async () => {
    const graph = await store({ inbox: {} }, (made) => {
      made.grantRead("reports", role, "reports/");
      made.grantReadWrite("web", role);
    });
    expect(rightsOf(graph, "files-reports-read")).toEqual(["s3:GetObject on files/reports/*"]);
    expect(rightsOf(graph, "files-web-write")).toEqual([
      "s3:GetObject on files/*",
      "s3:PutObject on files/*",
      "s3:DeleteObject on files/*",
      "s3:AbortMultipartUpload on files/*",
      "s3:ListBucket on files",
      "sqs:ReceiveMessage on files-inbox",
      "sqs:DeleteMessage on files-inbox",
      "sqs:ChangeMessageVisibility on files-inbox",
      "sqs:SendMessage on files-dead-letters",
    ]);
  });

  test("an inbox tells of complete files that arrive, and gives up on one after so many tries", async () => {
    const graph = await store({ inbox: { attempts: 3, claimSeconds: 60 } });
    expect(graph.one(T.notification).inputs.queues).toEqual([
      expect.objectContaining({ events: ["s3:ObjectCreated:*"], filterPrefix: "incoming/" }),
    ]);
    const queue = graph.one(T.queue, "files-inbox").inputs;
    expect(queue.visibilityTimeoutSeconds).toBe(60);
    expect(JSON.parse(graph.one(T.redrive).inputs.redrivePolicy)).toEqual({
      deadLetterTargetArn: expect.stringContaining("files-dead-letters"),
      // Deliveries while another worker has the file are no tries; the workers are told how many there are.
      maxReceiveCount: 8,
    });
    expect(graph.result.inbox).toMatchObject({ claimSeconds: 60, attempts: 3 });
    expect(graph.names(T.alarm)).toEqual(expect.arrayContaining(["files-inbox-dead", "files-inbox-waiting"]));
  });

  test("what went through an inbox is kept for as long as is written, or a year, and what was given up for 90 days", async () => {
    const kept = async (inbox: InboxArgs) =>
      (await store({ inbox }))
        .one(T.lifecycle)
        .inputs.rules.slice(1)
        .map((rule: { filter: { prefix: string }; expiration: { days: number } }) => [
          rule.filter.prefix,
          rule.expiration.days,
        ]);
    expect(await kept({})).toEqual([
      ["archive/", 365],
      ["rejected/", 90],
    ]);
    expect(await kept({ archiveDays: 30, rejectedDays: 7 })).toEqual([
      ["archive/", 30],
      ["rejected/", 7],
    ]);
    expect((await store()).one(T.lifecycle).inputs.rules).toHaveLength(1);
  });

  test("the alarm of a file that waits leaves it the time that its tries take", async () => {
    const threshold = async (inbox: InboxArgs) =>
      (await store({ inbox })).one(T.alarm, "files-inbox-waiting").inputs.threshold;
    expect([await threshold({}), await threshold({ claimSeconds: 43_200, attempts: 2 })]).toEqual([
      3600, 86_400,
    ]);
  });

  test.each([
    [
      "s3fs",
      { type: "s3", source: "files-id", options: expect.stringMatching(/,use_sse=kmsid:arn:[^,]*:files,/) },
    ],
    [
      "mountpoint",
      {
        type: "mountpoint",
        source: "s3://files-id/",
        options: expect.stringMatching(/^sse=aws:kms,sse-kms-key-id=arn:[^,]*:files,/),
      },
    ],
    ["s3files", { type: "s3files", source: "files-mount-id:/" }],
  ] as const)("mounted with %s, machines are told how", async (mount, expected) => {
    const graph = await store({ mount, network });
    expect(await resolved(graph.result.mounts("/srv/files"))).toEqual({ "/srv/files": expected });
    expect(graph.names(T.s3Files)).toEqual(mount === "s3files" ? ["files-mount"] : []);
  });
});

describe("share", () => {
  const share = (more: object = {}) => ({ mode: "share", network, ...more }) as ArtifactStoreArgs;

  test("a mount target in each zone, an access point with one owner, and a daily backup", async () => {
    const graph = await store(share({ accessPoints: { shop: { path: "/shop", uid: 1200 } } }));
    expect(graph.one(T.fileSystem).inputs).toMatchObject({ encrypted: true, throughputMode: "elastic" });
    expect(graph.ofType(T.target).map(({ inputs }) => inputs.subnetId)).toEqual(["subnet-a1", "subnet-a2"]);
    expect(graph.one(T.accessPoint).inputs).toMatchObject({
      posixUser: { uid: 1200, gid: 1200 },
      rootDirectory: { path: "/shop", creationInfo: { ownerUid: 1200, ownerGid: 1200, permissions: "0750" } },
    });
    expect(graph.one(T.selection).inputs.resources).toEqual([expect.stringContaining("files")]);
  });

  test("machines mount it encrypted, by their role, through the access point", async () => {
    const graph = await store(share(), (made) => {
      made.grantRead("reports", role);
      made.grantReadWrite("web", role);
      made.allowFrom("web", "sg-web");
    });
    expect(await resolved(graph.result.mounts("/srv/shared"))).toEqual({
      "/srv/shared": {
        type: "efs",
        source: "files-id:/",
        options: expect.stringMatching(/^tls,iam,accesspoint=files-files-id,/),
      },
    });
    expect(rightsOf(graph, "files-reports-read")).toEqual(["elasticfilesystem:ClientMount on files"]);
    expect(rightsOf(graph, "files-web-write")).toEqual([
      "elasticfilesystem:ClientMount on files",
      "elasticfilesystem:ClientWrite on files",
    ]);
    expect(graph.one(T.ingress).inputs).toMatchObject({
      fromPort: 2049,
      referencedSecurityGroupId: "sg-web",
    });
  });
});

describe("copies in another region", () => {
  const replicateTo = "eu-west-1";

  test("none are made, and nothing is there for them, where nobody asks", async () => {
    for (const args of [{}, { mode: "share", network }] as ArtifactStoreArgs[]) {
      const graph = await store(args);
      expect([graph.names(T.key), graph.ofType(T.replication), graph.ofType(T.shareReplication)]).toEqual([
        ["files"],
        [],
        [],
      ]);
    }
  });

  test("of a bucket: versions, under a key of that region, with deletions left out", async () => {
    const graph = await store({ replicateTo });
    const [rule] = graph.one(T.replication).inputs.rules;
    expect(rule).toMatchObject({
      deleteMarkerReplication: { status: "Disabled" },
      sourceSelectionCriteria: { sseKmsEncryptedObjects: { status: "Enabled" } },
      destination: { encryptionConfiguration: { replicaKmsKeyId: expect.stringContaining("files-replica") } },
    });
    for (const type of [T.key, T.bucket]) {
      expect(graph.one(type, "files-replica").provider).toContain("files-replica");
    }
    expect(rightsOf(graph, "files-replica")).toContain("s3:ReplicateObject on files-replica/*");
  });

  test("of a bucket: the copy answers TLS alone, and former versions go there as they do here", async () => {
    const graph = await store({ replicateTo, lifecycle: { oldVersionsDays: 30 } });
    const copy = { bucket: expect.stringContaining("files-replica") };
    const policy = graph.one(T.bucketPolicy, "files-replica");
    expect(policy.inputs).toMatchObject(copy);
    expect(JSON.parse(policy.inputs.policy).Statement).toMatchObject([
      { Effect: "Deny", Action: "s3:*", Condition: { Bool: { "aws:SecureTransport": "false" } } },
    ]);
    const { inputs, provider } = graph.one(T.lifecycle, "files-replica");
    expect(inputs).toMatchObject({
      ...copy,
      rules: [
        {
          noncurrentVersionExpiration: { noncurrentDays: 30 },
          abortIncompleteMultipartUpload: { daysAfterInitiation: 3 },
        },
      ],
    });
    for (const there of [provider, policy.provider]) expect(there).toContain("files-replica");
  });

  test("of a bucket with a lock: the copy can be locked, and the lock is copied", async () => {
    const graph = await store({ replicateTo, objectLock: { days: 30 } });
    expect(graph.one(T.bucket, "files-replica").inputs.objectLockEnabled).toBe(true);
    expect(rightsOf(graph, "files-replica")).toContain("s3:GetObjectRetention on files/*");
  });

  test("of a share: a file system there, under a key of that region", async () => {
    const graph = await store({ mode: "share", network, replicateTo });
    expect(graph.one(T.shareReplication).inputs).toMatchObject({
      sourceFileSystemId: "files-id",
      destination: { region: replicateTo, kmsKeyId: expect.stringContaining("files-replica") },
    });
    expect(graph.one(T.key, "files-replica").provider).toContain("files-replica");
  });
});

describe("repository", () => {
  test("one machine at a time, behind an internal load balancer, with its files on the share", async () => {
    const graph = await store({ ...repository, clients: ["192.168.50.0/24"] });
    expect(graph.one(T.balancer).inputs.internal).toBe(true);
    expect(graph.one(T.group).inputs).toMatchObject({ minSize: 0, maxSize: 1, desiredCapacity: 1 });
    const text = Buffer.from(graph.one(T.template).inputs.userData, "base64").toString();
    expect(text).toContain("/srv/content");
    expect(text).toContain("accesspoint=files-data-content-id");
    expect(text).toContain(program.sha256);
    expect(graph.ofType(T.ingress).flatMap(({ inputs }) => inputs.cidrIpv4 ?? [])).toEqual([
      "192.168.50.0/24",
    ]);
  });

  test("with a certificate it is reached by TLS only", async () => {
    const certificateArn = "arn:aws:acm:eu-central-1:1:certificate/1";
    const graph = await store({ ...repository, certificateArn });
    expect(graph.one(T.listener).inputs).toMatchObject({ port: 443, protocol: "HTTPS", certificateArn });
  });

  test("a role reads the login that it was granted, and not the other", async () => {
    const graph = await store(repository, (made) => {
      made.grantRead("reports", role);
      made.grantReadWrite("web", role);
    });
    expect(rightsOf(graph, "files-reports-read")).toEqual(["secretsmanager:GetSecretValue on files-reader"]);
    expect(rightsOf(graph, "files-web-write")).toEqual(["secretsmanager:GetSecretValue on files-writer"]);
  });
});

describe("mistakes are told at once, each with the change to make", () => {
  const failing = (args: unknown) => errorOf(() => new ArtifactStore("files", args as ArtifactStoreArgs));

  test("an unknown mode", async () => {
    expect(await failing({ mode: "disk" })).toContain(
      'mode: got "disk"; allowed: share, bucket or repository',
    );
  });
  test("a zone without mount target", async () => {
    expect(await failing({ mode: "share", network, zones: 1 })).toContain(
      "zones: got 1; allowed: 2, as many as the network has with machines: a zone without a mount target",
    );
  });
  test.each(["shop", "/", "/shop/../other", "/../etc", "/shop/", "//shop"])(
    "an access point at %s, outside of the share or the share itself",
    async (path) => {
      const message = await failing({ mode: "share", network, accessPoints: { shop: { path } } });
      expect(message).toContain(
        `accessPoints.shop.path: got "${path}"; allowed: an absolute folder below the root`,
      );
    },
  );
  test("files that belong to root, a lifecycle S3 does not have, and a lock of no days", async () => {
    const share = await failing({
      mode: "share",
      network,
      accessPoints: { shop: { path: "/s", uid: 0 } },
      infrequentAfterDays: 31,
    });
    expect(share).toMatch(
      /has 2 mistakes:[\s\S]*accessPoints\.shop\.uid: got 0[\s\S]*infrequentAfterDays: got 31/,
    );
    const bucket = await failing({
      objectLock: { days: 0 },
      lifecycle: { infrequentAfterDays: 7 },
      mount: "nfs",
    });
    expect(bucket).toMatch(/has 3 mistakes:/);
  });
  test("a repository that is protected and has no certificate, or is open to the world", async () => {
    const message = await failing({ ...repository, protected: true, clients: ["0.0.0.0/0"] });
    expect(message).toMatch(/certificateArn: missing[\s\S]*clients\[0\]: got "0\.0\.0\.0\/0"/);
  });
  test("what only another mode has", async () => {
    expect(await errorOf(() => new ArtifactStore("files", { mode: "share", network }).bucketName)).toContain(
      'ArtifactStore "files" is a share, and this is for a bucket',
    );
    expect(
      await errorOf(() => new ArtifactStore("files", { mode: "share", network }).mounts("/srv", "other")),
    ).toContain('no access point "other"; there are: files');
  });
});
