import { gunzipSync } from "node:zlib";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { errorOf, type Graph, graphOf } from "../shared/mocks";
import type { ContainerArgs, DockerHostArgs } from "./args";
import { DockerHost } from "./docker-host";

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

function host(more: Partial<DockerHostArgs> = {}): Promise<Graph<DockerHost>> {
  const args: DockerHostArgs = {
    network,
    instanceType: "m6i.large",
    containers: { reports },
    bucket: "artifacts",
    loadBalancer: { listenerArn: "arn:listener", securityGroupId: "sg-lb" },
    ...more,
  };
  return graphOf(() => new DockerHost("tools", args), {
    calls: {
      "aws:ec2/getAmi:getAmi": () => ({ id: "ami-1" }),
      "aws:ec2/getSubnet:getSubnet": () => ({ availabilityZone: "eu-central-1a" }),
    },
  });
}

// biome-ignore lint/suspicious/noExplicitAny: parsed cloud-init
function cloudConfig(userData: string): any {
  return parse(gunzipSync(Buffer.from(userData, "base64")).toString("utf8"));
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
  const policy = JSON.parse(graph.one("aws:iam/rolePolicy:RolePolicy").inputs.policy);
  const read = policy.Statement.find(({ Action }: { Action: string[] }) =>
    Action.includes("secretsmanager:GetSecretValue"),
  );
  expect(read.Resource).toEqual([reports.secrets?.TOKEN?.arn]);
});

test("the daemon's configuration is written before the daemon is installed, and closes what is open by default", async () => {
  const { userData } = (await host()).one("aws:ec2/launchTemplate:LaunchTemplate").inputs;
  const config = cloudConfig(userData);
  const file = config.write_files.find(({ path }: { path: string }) => path === "/etc/docker/daemon.json");
  expect(JSON.parse(file.content)).toMatchObject({
    icc: false,
    "userns-remap": "default",
    "live-restore": true,
    "no-new-privileges": true,
    "userland-proxy": false,
    "log-driver": "journald",
  });
  expect(Buffer.from(userData, "base64").length).toBeLessThan(10 * 1024);
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
  expect(graph.one("aws:autoscaling/group:Group").inputs).toMatchObject({
    maxSize: 1,
    instanceRefresh: { preferences: { minHealthyPercentage: 0 } },
  });
});

test("what is wrong is told before anything is made", async () => {
  const message = await errorOf(
    () => new DockerHost("tools", { network, instanceType: "t3.nano", containers: { reports }, bucket: "b" }),
  );
  expect(message).toContain('DockerHost "tools" has a mistake:');
  expect(message).toContain("loadBalancer: missing");
});
