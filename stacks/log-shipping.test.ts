import { gunzipSync } from "node:zlib";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import type { MachineDescription } from "../components/machine";
import { type Graph, graphOf } from "../components/shared/mocks";
import { resolved } from "../components/shared/outputs";
import { loadEnvironmentConfig } from "./config";
import { environment } from "./environment";
import { logContent } from "./logs";

// There is no store behind a graph to be set up.
jest.mock("./log-store", () => ({ openStore: () => Promise.reject(new Error("no store here")) }));
jest.setTimeout(120_000);

const stored = (name: string) => ({
  artifact: `s3://artifacts/releases/${name}.tar.gz`,
  sha256: "a".repeat(64),
});
const config = (logs: object | undefined) =>
  loadEnvironmentConfig({
    stack: "dev",
    values: {
      "aws:region": "eu-central-1",
      "retrofit:size": "small",
      "retrofit:application": { name: "shop", command: "node server.js" },
      "retrofit:live": { version: "1.0.0", database: "none", ...stored("shop") },
      "retrofit:web": { testers: ["10.0.0.0/8"] },
      "retrofit:files": [
        { name: "documents", mode: "repository", program: { version: "2.20.17", ...stored("repository") } },
      ],
      "retrofit:docker": {
        instanceType: "m6i.large",
        containers: [
          {
            name: "reports",
            image: `registry.example.com/reports@sha256:${"a".repeat(64)}`,
            memoryMb: 64,
            cpus: 0.5,
          },
        ],
      },
      ...(logs && { "retrofit:logs": logs }),
    },
    projectRoot: __dirname,
  });

const graphWith = (logs: object | undefined) =>
  graphOf(() => environment(config(logs), __dirname), {
    state: ({ type }) => (type.includes("Domain") ? { endpoint: "logs.example" } : undefined),
    calls: {
      "aws:ec2/getAmi:getAmi": () => ({ id: "ami-1" }),
      "aws:ec2/getSubnet:getSubnet": () => ({ availabilityZone: "eu-central-1a" }),
    },
  });

interface Shipping {
  readonly secretArn: string | undefined;
  readonly forwarder: string | undefined;
  readonly names: string[];
}

/** What machines of each role are told of logs, by role. */
function shippingIn(graph: Graph<unknown>): Record<string, Shipping> {
  const templates = graph.ofType("aws:ec2/launchTemplate:LaunchTemplate").map(({ inputs }) => {
    const { write_files: files } = parse(Buffer.from(inputs.userData, "base64").toString()) as {
      write_files: { path: string; content: string; encoding?: string }[];
    };
    const read = (path: string) => {
      const file = files.find((one) => one.path === path);
      return file?.encoding ? gunzipSync(Buffer.from(file.content, "base64")).toString() : file?.content;
    };
    const { role, logs } = JSON.parse(read("/etc/retrofit/machine.json")!) as MachineDescription;
    const forwarder = read("/etc/retrofit/log-forwarder.conf");
    return [role, { secretArn: logs?.secretArn, forwarder, names: files.map(({ path }) => path) }] as const;
  });
  return Object.fromEntries(templates);
}

const sources = [{ name: "access", paths: ["/var/log/shop/*.log"] }];

describe("an environment with logs", () => {
  let graph: Graph<unknown>;
  let shipping: Record<string, Shipping>;
  beforeAll(async () => {
    graph = await graphWith({ sources });
    shipping = shippingIn(graph);
  });

  test.each(["web", "docker_host", "content_repository"])("machines of the role %s ship theirs", (role) => {
    expect(shipping[role]).toMatchObject({
      secretArn: expect.stringContaining("logs-writer"),
      forwarder: expect.stringContaining('url("https://logs.example/_bulk")'),
    });
  });

  test("the application's files are the web machines', the containers' lines the Docker hosts'", () => {
    const having = (text: string) =>
      Object.keys(shipping)
        .filter((role) => shipping[role]!.forwarder!.includes(text))
        .sort();
    expect(having("/var/log/shop")).toEqual(["web"]);
    expect(having('value(".retrofit.service.name")')).toHaveLength(3);
    expect(having('set("logs-shop-dev"')).toEqual(["web"]);
    expect(having('set("logs-containers-dev"')).toEqual(["docker_host"]);
    expect(having('set("logs-repository-dev"')).toEqual(["content_repository"]);
    expect(having('set("logs-system-dev"')).toEqual(["content_repository", "docker_host", "web"]);
  });

  test("each of them may read the secret of those who only write lines, nobody that of the store's own user", () => {
    const granted = (secret: string) =>
      graph
        .ofType("aws:iam/rolePolicy:RolePolicy")
        .filter(({ inputs }) => String(inputs.policy).includes(secret))
        .map(({ name }) => name);
    expect(granted("logs-writer")).toEqual(["docker-host", "documents-secrets", "web-secrets"]);
    expect(granted("logs-user")).toEqual([]);
  });

  test("both secrets are told", async () => {
    const { logs } = (await resolved(pulumi.output(graph.result))) as { logs: object };
    expect(logs).toMatchObject({
      endpoint: "https://logs.example",
      secretArn: expect.stringContaining("logs-user"),
      writerSecretArn: expect.stringContaining("logs-writer"),
    });
  });

  test("each of them is let in", () => {
    const letIn = graph
      .ofType("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
      .filter(({ inputs }) => inputs.securityGroupId === "logs-id")
      .map(({ inputs }) => inputs.referencedSecurityGroupId);
    expect(letIn.sort()).toEqual(["docker-id", "documents-machine-id", "web-machines-id"]);
  });

  test("each stream that they write into is made before", () => {
    expect(logContent(config({ sources })).applications).toEqual(["shop", "containers", "repository"]);
  });
});

test("a store of another environment gets their lines as well, checked with its certificate", async () => {
  const ca = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
  const secret = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:logs";
  const store = { endpoint: "https://shared.example", secret, nodes: 1, ca };
  const shipping = shippingIn(await graphWith({ store }));
  expect(Object.keys(shipping).sort()).toEqual(["content_repository", "docker_host", "web"]);
  for (const { secretArn, forwarder, names } of Object.values(shipping)) {
    expect(secretArn).toBe(secret);
    expect(forwarder).toContain("https://shared.example/_bulk");
    expect(names).toContain("/etc/retrofit/log-store.pem");
  }
});

test("a store of another environment that names a secret for machines gives them that one alone", async () => {
  const arn = (name: string) => `arn:aws:secretsmanager:eu-central-1:111122223333:secret:${name}`;
  const store = {
    endpoint: "https://shared.example",
    secret: arn("shared-owner"),
    writerSecret: arn("shared-writer"),
    nodes: 1,
  };
  const graph = await graphWith({ store });
  for (const { secretArn } of Object.values(shippingIn(graph))) expect(secretArn).toBe(store.writerSecret);
  const policies = JSON.stringify(graph.ofType("aws:iam/rolePolicy:RolePolicy"));
  expect(policies).toContain("shared-writer");
  expect(policies).not.toContain("shared-owner");
});

test("without logs no machine is told of any", async () => {
  for (const { secretArn, forwarder } of Object.values(shippingIn(await graphWith(undefined))))
    expect([secretArn, forwarder]).toEqual([undefined, undefined]);
});
