import { graphOf } from "../components/shared/mocks";
import { loadEnvironmentConfig } from "./config";
import { environment } from "./environment";

// The first graph pays for loading the SDK, which a busy machine takes its time for.
jest.setTimeout(60_000);

const container = (name: string, path: string) => ({
  name,
  image: `registry.example.com/${name}@sha256:${"a".repeat(64)}`,
  memoryMb: 64,
  cpus: 0.1,
  volumes: [{ type: "share", path, mount: "/data", readOnly: name === "reader" }],
});

test("a container's share is a store of the file: its hosts may use it as the file says, and no other store", async () => {
  const values = {
    "aws:region": "eu-central-1",
    "retrofit:size": "small",
    "retrofit:application": { name: "shop", command: "node server.js" },
    "retrofit:network": { cidr: "10.20.0.0/16" },
    "retrofit:web": { testers: ["10.0.0.0/8"] },
    "retrofit:files": [
      { name: "uploads", mode: "share" },
      { name: "prices", mode: "bucket", mount: "s3fs", folder: "/srv/price-lists", access: "read" },
      { name: "other", mode: "share" },
    ],
    "retrofit:docker": {
      instanceType: "t3.medium",
      containers: [container("writer", "/srv/uploads"), container("reader", "/srv/price-lists/today")],
    },
  };
  const config = loadEnvironmentConfig({ stack: "dev", values, projectRoot: __dirname });
  const graph = await graphOf(() => environment(config, __dirname), {
    calls: { "aws:ec2/getAmi:getAmi": () => ({ id: "ami-1" }) },
  });
  const policies = graph
    .names("aws:iam/rolePolicy:RolePolicy")
    .filter((name) => /-docker-(read|write)$/.test(name));
  expect(policies.sort()).toEqual(["prices-docker-read", "uploads-docker-write"]);
  const doors = graph.names("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule");
  expect(doors.filter((name) => name.endsWith("-from-docker"))).toEqual(["uploads-from-docker"]);
  const { userData } = graph.one("aws:ec2/launchTemplate:LaunchTemplate", "docker-0").inputs;
  const told = Buffer.from(userData, "base64").toString("utf8");
  expect(told).toContain("/srv/uploads");
  expect(told).toContain("/srv/price-lists");
  expect(told).not.toContain("/srv/other");
});
