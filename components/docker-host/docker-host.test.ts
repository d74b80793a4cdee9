import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { ArtifactStore } from "../artifact-store";
import { MachineConfiguration, type MachineDescription } from "../machine";
import { errorOf, type Graph, graphOf } from "../shared/mocks";
import type { ContainerArgs, DockerHostArgs } from "./args";
import { DockerHost } from "./docker-host";
import { HOST_ROLE } from "./host-document";

const IMAGE = `registry.example.com/reports@sha256:${"a".repeat(64)}`;
const network = {
  vpcId: pulumi.output("vpc-1"),
  cidr: pulumi.output("10.0.0.0/16"),
  subnetIds: {
    public: pulumi.output(["subnet-p1", "subnet-p2"]),
    app: pulumi.output(["subnet-a1", "subnet-a2"]),
    data: pulumi.output(["subnet-d1", "subnet-d2"]),
  },
} as unknown as DockerHostArgs["network"];

const reports: ContainerArgs = {
  image: IMAGE,
  memoryMb: 512,
  cpus: 0.5,
  ports: [
    { container: 8080, host: 18080, route: { paths: ["/reports/*"], priority: 10, healthPath: "/up" } },
  ],
  secrets: { TOKEN: { arn: "arn:aws:secretsmanager:eu-central-1:111122223333:secret:token-AbCdEf" } },
};

function configuration(): MachineConfiguration {
  const folder = join(__dirname, "..", "..", "machines");
  const store = new ArtifactStore("artifacts");
  return new MachineConfiguration("machines", { folder, store, roles: [HOST_ROLE], environment: "dev" });
}

function host(more: Partial<DockerHostArgs> = {}): Promise<Graph<DockerHost>> {
  const args: Omit<DockerHostArgs, "configuration"> = {
    network,
    instanceType: "m6i.large",
    containers: { reports },
    bucket: "artifacts",
    loadBalancer: { listenerArn: "arn:listener", securityGroupId: "sg-lb" },
    ...more,
  };
  return graphOf(() => new DockerHost("tools", { configuration: configuration(), ...args }), {
    calls: {
      "aws:ec2/getAmi:getAmi": () => ({ id: "ami-1" }),
      "aws:ec2/getSubnet:getSubnet": () => ({ availabilityZone: "eu-central-1a" }),
    },
  });
}

/** What a host of the launch template is told. */
function documentIn(userData: string): MachineDescription {
  const { write_files } = parse(Buffer.from(userData, "base64").toString("utf8"));
  return JSON.parse(
    write_files.find(({ path }: { path: string }) => path === "/etc/retrofit/machine.json").content,
  );
}

test("two hosts are in two zones, each in a group of its own that replaces a machine that is lost", async () => {
  const graph = await host({ hosts: 2 });
  const groups = graph.ofType("aws:autoscaling/group:Group");
  expect(groups.map(({ inputs }) => inputs.vpcZoneIdentifiers)).toEqual([["subnet-a1"], ["subnet-a2"]]);
  expect(groups.map(({ inputs }) => inputs.desiredCapacity)).toEqual([1, 1]);
});

test("a machine drains before it goes", async () => {
  const group = (await host()).one("aws:autoscaling/group:Group");
  expect(group.inputs.initialLifecycleHooks).toMatchObject([
    { lifecycleTransition: "autoscaling:EC2_INSTANCE_TERMINATING", heartbeatTimeout: 300 },
  ]);
});

test("a change of the containers replaces no machine", async () => {
  const template = async (image: string) =>
    (await host({ containers: { reports: { ...reports, image } } })).one(
      "aws:ec2/launchTemplate:LaunchTemplate",
    ).inputs;
  expect(await template(IMAGE.replace(/a{64}/, "b".repeat(64)))).toEqual(await template(IMAGE));
});

test("the declaration takes its place only after the hosts have become what it says", async () => {
  const graph = await host();
  const next = graph.one("aws:s3/bucketObjectv2:BucketObjectv2", "tools-next");
  const current = graph.one("aws:s3/bucketObjectv2:BucketObjectv2", "tools-current");
  expect(current.options.hooks.beforeUpdate).toEqual(["tools-apply"]);
  expect(current.dependencies).toContain(next.urn);
  expect(next.inputs.key).toMatch(/^docker\/tools\/[0-9a-f]{64}\.json$/);
  expect(JSON.parse(current.inputs.content).hosts[0][0]).toMatchObject({ name: "reports", memoryMb: 512 });
});

test("no secret is in the declaration or in user data, only where the host finds it", async () => {
  const graph = await host();
  const { content } = graph.one("aws:s3/bucketObjectv2:BucketObjectv2", "tools-current").inputs;
  expect(JSON.parse(content).hosts[0][0].secrets).toEqual({
    TOKEN: { arn: expect.stringContaining("secret:token") },
  });
  const policy = JSON.parse(graph.one("aws:iam/rolePolicy:RolePolicy", "tools-host").inputs.policy);
  const read = policy.Statement.find(({ Action }: { Action: string[] }) =>
    Action.includes("secretsmanager:GetSecretValue"),
  );
  expect(read.Resource).toEqual([reports.secrets?.TOKEN?.arn]);
});

test("a host is a machine of its role, which is told its number and where its declaration is", async () => {
  const graph = await host({ hosts: 2 });
  const [first, second] = graph.ofType("aws:ec2/launchTemplate:LaunchTemplate");
  const docker = { declaration: "s3://artifacts/docker/tools/current.json", disk: "/srv/data" };
  expect(documentIn(first!.inputs.userData)).toMatchObject({
    environment: "dev",
    role: "docker_host",
    region: "eu-central-1",
    docker: { host: 0, ...docker },
    configuration: { tool: "puppet", key: expect.stringMatching(/^configurations\//) },
  });
  expect(documentIn(second!.inputs.userData).docker).toEqual({ host: 1, ...docker });
});

test("an image that is in no registry is fetched from the host's bucket, which its role may do", async () => {
  const image = `sha256:${"b".repeat(64)}`;
  const graph = await host({ containers: { reports: { ...reports, image, archive: "images/b.tar" } } });
  const { content } = graph.one("aws:s3/bucketObjectv2:BucketObjectv2", "tools-current").inputs;
  expect(JSON.parse(content).hosts[0][0]).toMatchObject({ image, archive: "s3://artifacts/images/b.tar" });
  const { policy } = graph.one("aws:iam/rolePolicy:RolePolicy", "tools-host").inputs;
  expect(JSON.parse(policy).Statement[0]).toMatchObject({
    Action: ["s3:GetObject"],
    Resource: ["arn:aws:s3:::artifacts/docker/tools/*", "arn:aws:s3:::artifacts/images/b.tar"],
  });
});

test("only the load balancer reaches the two ports of a routed container, and nothing else comes in", async () => {
  const rules = (await host()).ofType("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule");
  expect(rules.map(({ inputs }) => inputs)).toMatchObject([
    { fromPort: 18080, toPort: 18081, referencedSecurityGroupId: "sg-lb" },
  ]);
});

test("containers do not reach the host's credentials", async () => {
  const { metadataOptions } = (await host()).one("aws:ec2/launchTemplate:LaunchTemplate").inputs;
  expect(metadataOptions).toMatchObject({ httpTokens: "required", httpPutResponseHopLimit: 1 });
});

test("a data disk is encrypted, in its host's zone, kept in a protected environment, and never on two machines", async () => {
  const disk: ContainerArgs = {
    ...reports,
    ports: [],
    volumes: [{ type: "disk", path: "/srv/data/db", mount: "/data" }],
  };
  const graph = await host({ containers: { disk }, diskSizeGb: 20, protected: true });
  expect(graph.one("aws:ebs/volume:Volume").inputs).toMatchObject({
    encrypted: true,
    size: 20,
    availabilityZone: "eu-central-1a",
    finalSnapshot: true,
  });
  expect(graph.one("aws:backup/selection:Selection", "tools-data-backup").inputs.resources).toEqual([
    expect.stringContaining("tools-0-data"),
  ]);
  expect(graph.one("aws:backup/plan:Plan").inputs.rules).toMatchObject([
    { schedule: "cron(30 2 * * ? *)", lifecycle: { deleteAfter: 35 } },
  ]);
  expect(graph.one("aws:backup/vault:Vault").inputs.forceDestroy).toBe(false);
  expect(graph.one("aws:autoscaling/group:Group").inputs).toMatchObject({
    maxSize: 1,
    instanceRefresh: { preferences: { minHealthyPercentage: 0 } },
  });
});

const onShare: ContainerArgs = {
  ...reports,
  ports: [],
  volumes: [{ type: "share", path: "/srv/uploads/reports", mount: "/data" }],
};

test("hosts mount a share, may use it before they start, and reach it", async () => {
  const graph = await graphOf(
    () => {
      const store = new ArtifactStore("uploads", { mode: "share", network });
      const args = {
        network,
        instanceType: "m6i.large",
        bucket: "artifacts",
        containers: { writer: onShare },
      };
      const shares = { "/srv/uploads": { store } };
      return new DockerHost("tools", { ...args, configuration: configuration(), shares });
    },
    { calls: { "aws:ec2/getAmi:getAmi": () => ({ id: "ami-1" }) } },
  );
  const template = graph.one("aws:ec2/launchTemplate:LaunchTemplate");
  expect(documentIn(template.inputs.userData).settings).toEqual({
    "profile::mounts::mounts": {
      "/srv/uploads": {
        type: "efs",
        source: "uploads-id:/",
        options: expect.stringContaining("accesspoint=uploads-files-id"),
      },
    },
  });
  const grant = graph.one("aws:iam/rolePolicy:RolePolicy", "uploads-tools-write");
  expect(grant.inputs).toMatchObject({ policy: expect.stringContaining("ClientWrite") });
  expect(template.dependencies).toContain(grant.urn);
  const door = graph.one("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "uploads-from-tools");
  expect(door.inputs).toMatchObject({ fromPort: 2049, referencedSecurityGroupId: "tools-id" });
  const { content } = graph.one("aws:s3/bucketObjectv2:BucketObjectv2", "tools-current").inputs;
  expect(JSON.parse(content).hosts[0][0].volumes).toEqual([
    { path: "/srv/uploads/reports", mount: "/data", readOnly: false, type: "share", share: "/srv/uploads" },
  ]);
});

test.each([
  ["of nothing that hosts mount", {}, "volumes[0].path: got"],
  [
    "that is written where hosts may only read",
    { "/srv/uploads": { access: "read" } },
    "volumes[0].readOnly",
  ],
])("a share %s is refused before anything is made", async (_, shares, told) => {
  const args = { network, instanceType: "m6i.large", bucket: "artifacts", containers: { writer: onShare } };
  const message = await errorOf(
    () => new DockerHost("tools", { ...args, configuration: configuration(), shares: shares as never }),
  );
  expect(message).toContain(`containers.writer.${told}`);
});

test("what is wrong is told before anything is made", async () => {
  const message = await errorOf(
    () =>
      new DockerHost("tools", {
        network,
        configuration: configuration(),
        instanceType: "t3.nano",
        containers: { reports },
        bucket: "b",
      }),
  );
  expect(message).toContain('DockerHost "tools" has a mistake:');
  expect(message).toContain("loadBalancer: missing");
});
