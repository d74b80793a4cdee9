import { errorOf, graphOf } from "../../shared/mocks";
import type { ContainerArgs } from "../args";
import { RemoteContainers, type RemoteContainersArgs } from ".";

const IMAGE = `registry.example.com/reports@sha256:${"a".repeat(64)}`;
const SECRET = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:token-AbCdEf";
const database: ContainerArgs = { image: IMAGE, memoryMb: 900, cpus: 0.5 };
const reports: ContainerArgs = {
  ...database,
  dependsOn: ["database"],
  ports: [{ container: 8080, host: 18_080, route: { paths: ["/*"], priority: 1, healthPath: "/up" } }],
  environment: { LOG: "info" },
  secrets: { TOKEN: { arn: SECRET, key: "token" } },
};

const CONTAINER = "docker:index/container:Container";
const remote = (more: Partial<RemoteContainersArgs> = {}) =>
  graphOf(
    () =>
      new RemoteContainers("tools", {
        host: "ssh://admin@10.0.1.5",
        containers: { reports, database },
        ...more,
      }),
    {
      calls: {
        "aws:secretsmanager/getSecretVersion:getSecretVersion": () => ({
          secretString: '{"token":"s3cret"}',
        }),
      },
    },
  );

test("containers have the limits and the closed doors that a host of its own gives them", async () => {
  const { inputs } = (await remote()).one(CONTAINER, "tools-reports");
  expect(inputs).toMatchObject({
    memory: 900,
    memorySwap: 900,
    capabilities: { drops: ["ALL"] },
    securityOpts: ["no-new-privileges"],
    readOnly: true,
    ports: [{ internal: 8080, external: 18_080 }],
  });
});

test("they are driven over SSH, and each reaches only what it depends on", async () => {
  const graph = await remote();
  expect(graph.one("pulumi:providers:docker").inputs.host).toBe("ssh://admin@10.0.1.5");
  const networks = (name: string) =>
    graph.one(CONTAINER, name).inputs.networksAdvanced.map(({ name: network }: { name: string }) => network);
  expect(networks("tools-reports")).toEqual(["tools-apart", "tools-database"]);
  expect(networks("tools-database")).toEqual(["tools-apart", "tools-database"]);
  expect(graph.one(CONTAINER, "tools-reports").dependencies).toContain(
    graph.one(CONTAINER, "tools-database").urn,
  );
});

test("what is wrong is told before anything is made", async () => {
  const containers = { reports: { ...reports, image: "app:latest", dependsOn: [], archive: "a.tar" } };
  const message = await errorOf(() => new RemoteContainers("tools", { host: "10.0.1.5", containers }));
  for (const property of ["host", "containers.reports.image", "containers.reports.archive"]) {
    expect(message).toContain(`${property}:`);
  }
});
