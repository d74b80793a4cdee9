import * as pulumi from "@pulumi/pulumi";
import { errorOf, type Graph, graphOf } from "../../shared/mocks";
import type { ContainerArgs } from "../args";
import type { ContainerClusterArgs } from "./args";
import { ContainerCluster } from "./cluster";
import { fargateSize } from "./fargate-sizes";

const IMAGE = `registry.example.com/reports@sha256:${"a".repeat(64)}`;
const SECRET = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:token-AbCdEf";
const network = {
  vpcId: pulumi.output("vpc-1"),
  cidr: pulumi.output("10.0.0.0/16"),
  subnetIds: {
    public: pulumi.output(["subnet-p1"]),
    app: pulumi.output(["subnet-a1", "subnet-a2"]),
    data: pulumi.output(["subnet-d1"]),
  },
} as unknown as ContainerClusterArgs["network"];

const database: ContainerArgs = { image: IMAGE, memoryMb: 900, cpus: 0.5, ports: [{ container: 5432 }] };
const reports: ContainerArgs = {
  image: IMAGE,
  memoryMb: 500,
  cpus: 0.25,
  dependsOn: ["database"],
  ports: [
    { container: 8080, host: 18_080, route: { paths: ["/reports/*"], priority: 10, healthPath: "/up" } },
  ],
  secrets: { TOKEN: { arn: SECRET, key: "token" } },
  health: { command: ["/bin/reports", "check"], intervalSeconds: 1 },
};

function cluster(more: Partial<ContainerClusterArgs> = {}): Promise<Graph<ContainerCluster>> {
  const args: ContainerClusterArgs = {
    network,
    containers: { reports, database },
    loadBalancer: { listenerArn: "arn:listener", securityGroupId: "sg-lb" },
    ...more,
  };
  return graphOf(() => new ContainerCluster("tools", args), {
    calls: { "aws:ssm/getParameter:getParameter": () => ({ value: "ami-ecs" }) },
    state: ({ type, name }) => (type.endsWith("SecurityGroup") ? { id: `sg-${name}` } : undefined),
  });
}

const SERVICE = "aws:ecs/service:Service";
const TASK = "aws:ecs/taskDefinition:TaskDefinition";
const definitionIn = (graph: Graph<unknown>, name: string) =>
  JSON.parse(graph.one(TASK, name).inputs.containerDefinitions)[0];

test("a new version comes up beside the old one, and one that does not get healthy is taken back and fails the update", async () => {
  const { inputs } = (await cluster()).one(SERVICE, "tools-reports");
  expect(inputs).toMatchObject({
    deploymentMinimumHealthyPercent: 100,
    deploymentMaximumPercent: 200,
    deploymentCircuitBreaker: { enable: true, rollback: true },
    waitForSteadyState: true,
  });
});

test("what must never run twice is stopped first", async () => {
  const once = await cluster({ containers: { reports: { ...reports, dependsOn: [], update: "stopFirst" } } });
  expect(once.one(SERVICE, "tools-reports").inputs).toMatchObject({
    deploymentMinimumHealthyPercent: 0,
    deploymentMaximumPercent: 100,
  });
});

test("a container has the limits and the closed doors that it has on a host, and its output goes to the log group", async () => {
  const graph = await cluster();
  expect(definitionIn(graph, "tools-reports")).toMatchObject({
    image: IMAGE,
    memory: 500,
    cpu: 256,
    readonlyRootFilesystem: true,
    privileged: false,
    linuxParameters: { capabilities: { drop: ["ALL"], add: [] } },
    healthCheck: { command: ["CMD", "/bin/reports", "check"], interval: 5 },
    logConfiguration: { logDriver: "awslogs", options: { "awslogs-stream-prefix": "reports" } },
  });
  expect(graph.one(TASK, "tools-reports").inputs).not.toHaveProperty("taskRoleArn");
});

test("secrets are read when a container starts, by the role that starts it, and are in no definition", async () => {
  const graph = await cluster();
  expect(definitionIn(graph, "tools-reports").secrets).toEqual([
    { name: "TOKEN", valueFrom: `${SECRET}:token::` },
  ]);
  const { policy } = graph.one("aws:iam/rolePolicy:RolePolicy", "tools-execution").inputs;
  expect(JSON.parse(policy).Statement.at(-1)).toMatchObject({
    Action: ["secretsmanager:GetSecretValue"],
    Resource: [SECRET],
  });
});

test("the load balancer reaches what is routed, dependents what they depend on, and nobody else anything", async () => {
  const graph = await cluster();
  const rules = graph.ofType("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule");
  expect(
    rules
      .map(({ inputs }) => [inputs.referencedSecurityGroupId, inputs.fromPort, inputs.securityGroupId])
      .sort(),
  ).toEqual([
    ["sg-lb", 8080, expect.stringContaining("reports")],
    [expect.stringContaining("reports"), 5432, expect.stringContaining("database")],
  ]);
  const { inputs, dependencies } = graph.one(SERVICE, "tools-reports");
  expect(inputs.loadBalancers).toMatchObject([{ containerName: "reports", containerPort: 8080 }]);
  expect(dependencies).toContain(graph.one(SERVICE, "tools-database").urn);
});

test("without machines it runs on Fargate, each container in the least size that it fits in", async () => {
  const graph = await cluster({ copies: 2 });
  expect(graph.one(TASK, "tools-database").inputs).toMatchObject({ cpu: "512", memory: "1024" });
  expect(graph.one(SERVICE, "tools-reports").inputs).toMatchObject({
    desiredCount: 2,
    capacityProviderStrategies: [{ capacityProvider: "FARGATE" }],
  });
  expect(graph.ofType("aws:autoscaling/group:Group")).toEqual([]);
});

test("with machines a capacity provider starts as many as are needed, and drains them before they go", async () => {
  const graph = await cluster({ machines: { instanceType: "m6i.large", max: 3 } });
  expect(
    graph.one("aws:ecs/capacityProvider:CapacityProvider").inputs.autoScalingGroupProvider,
  ).toMatchObject({
    managedDraining: "ENABLED",
    managedScaling: { status: "ENABLED" },
  });
  expect(graph.one("aws:autoscaling/group:Group").inputs).toMatchObject({ minSize: 0, maxSize: 3 });
  expect(graph.one(TASK, "tools-reports").inputs).toMatchObject({ requiresCompatibilities: ["EC2"] });
});

test.each([
  [
    { cpus: 0.1, memoryMb: 100 },
    { cpu: 256, memoryMb: 512 },
  ],
  [
    { cpus: 0.25, memoryMb: 1300 },
    { cpu: 256, memoryMb: 2048 },
  ],
  [
    { cpus: 0.25, memoryMb: 2500 },
    { cpu: 512, memoryMb: 3072 },
  ],
  [
    { cpus: 3, memoryMb: 1000 },
    { cpu: 4096, memoryMb: 8192 },
  ],
  [{ cpus: 17, memoryMb: 1000 }, undefined],
])("%j fits a Fargate task of %j", (need, size) => {
  expect(fargateSize(need)).toEqual(size);
});

test("what only a host of one's own can give is refused before anything is made", async () => {
  const message = await errorOf(
    () =>
      new ContainerCluster("tools", {
        network,
        containers: {
          a: {
            ...database,
            cpus: 32,
            volumes: [{ type: "host", path: "/a", mount: "/a" }],
            archive: "images/a.tar",
            restart: "never",
            log: "none",
          },
        },
      }),
  );
  for (const property of [
    "containers.a.volumes",
    "containers.a.archive",
    "containers.a.restart",
    "containers.a.log",
    "containers.a.memoryMb",
  ]) {
    expect(message).toContain(property);
  }
});
