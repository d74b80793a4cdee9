/** An environment with a Docker host on the sandbox: a real engine, a real daemon, real requests through the load balancer. */
import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { EC2Client, TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { newAuthority } from "../../components/elk-stack/self-hosted/authority";
import { createWorkspace, type DemoWorkspace } from "../../release/demo/workspace";
import { type Answer, pulumi as plainPulumi, retrofit } from "../support/command-line";
import { writeBusyboxImage } from "../support/image-archive";
import { until } from "../support/sandbox";
import { tally, visit } from "../support/visitors";

jest.setTimeout(10 * 60_000);

let workspace: DemoWorkspace;
let environment: Record<string, string>;
let file: string;
let outputs: Answer;

const run = (...args: string[]) =>
  retrofit([...args, "--sandbox", "--cwd", workspace.project, "--json"], environment).finished;
const pulumi = (args: string) => plainPulumi(workspace.project, args, environment).finished;

/** A web server that answers with its version, which it also notes on the environment's share. */
const docker = (version: string, more = "") => `  retrofit:files: [{ name: uploads, mode: share }]
  retrofit:docker:
    instanceType: t3.medium
    containers:
      - name: reports
        archive: image.tar
        command: ["/bin/sh", "-c", "echo ${version} >> /data/versions && mkdir /tmp/reports && echo ${version} > /tmp/reports/index.html && exec busybox httpd -f -p 8080 -h /tmp"]
        memoryMb: 64
        cpus: 0.5
        stopSeconds: 1
        volumes: [{ type: share, path: /srv/uploads/reports, mount: /data }]
        health: { command: ["/bin/busybox", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8080/reports/"], intervalSeconds: 1 }
        ports: [{ container: 8080, host: 18080, route: { paths: ["/reports/*"], priority: 10, healthPath: /reports/ } }]
${more}`;

/** A store of another environment, which is away: hosts start all the same, and keep their lines until it is back. */
const logs = (secret: string, ca: string) => `  retrofit:logs:
    store: { endpoint: "https://127.0.0.1:1", secret: "${secret}", nodes: 1, ca: ${JSON.stringify(ca)} }
    sources: [{ name: access, paths: [/var/log/shop/*.log] }]
`;

const emulated = () => ({
  endpoint: JSON.parse(readFileSync(join(workspace.sandbox, "daemon.json"), "utf8")).endpoint as string,
  region: "eu-central-1",
  credentials: { accessKeyId: "AKIASANDBOX000000000", secretAccessKey: "sandbox" },
});

const reports = async () => {
  const answer = await fetch(`${outputs.url}/reports/`);
  return `${answer.status} ${(await answer.text()).trim()}`;
};

beforeAll(async () => {
  workspace = createWorkspace("1.0.0");
  workspace.keep();
  file = join(workspace.project, "Pulumi.dev.yaml");
  writeFileSync(file, readFileSync(file, "utf8").replace("min: 2", "min: 1"));
  appendFileSync(file, docker("1"));
  await writeBusyboxImage(join(workspace.project, "image.tar"));
  environment = { RETROFIT_SANDBOX: workspace.sandbox };
  const started = await retrofit(["sandbox", "start", "--cwd", workspace.project], environment).finished;
  if (started.exitCode !== 0) throw new Error(started.stderr);
  const login = { Name: "log-store", SecretString: '{"username":"retrofit","password":"x"}' };
  const secret = await new SecretsManagerClient(emulated()).send(new CreateSecretCommand(login));
  const { certificate } = await newAuthority("logs");
  appendFileSync(file, logs(secret.ARN!, certificate.replaceAll("\r", "")));
  const up = await run("up", "dev");
  if (up.exitCode !== 0) throw new Error(up.stderr.slice(-4000));
  outputs = JSON.parse((await pulumi("stack output --json --stack dev")).stdout) as Answer;
});

afterAll(async () => {
  await retrofit(["sandbox", "stop"], environment).finished;
  workspace.remove();
});

test("the containers of a new host are behind the environment's load balancer, and the application beside them", async () => {
  await until("the container answers", async () => (await reports()) === "200 1", 60);
  expect((await fetch(outputs.url)).status).toBe(200);
});

test("the host has its own forwarder's configuration, and the forwarder runs with it", async () => {
  const { machines } = (await retrofit(["sandbox", "status", "--json"], environment).finished).json as {
    machines: { id: string; release?: string }[];
  };
  const rootOf = (id: string) => join(workspace.sandbox, "machines", id, "root");
  const told = (id: string) => readFileSync(join(rootOf(id), "etc/retrofit/log-forwarder.conf"), "utf8");
  const host = machines.find(({ release }) => release === undefined)!;
  const web = machines.find(({ release }) => release !== undefined)!;
  expect(told(host.id)).toContain('set("logs-containers-dev"');
  expect(told(host.id)).not.toContain("/var/log/shop");
  expect(told(web.id)).toContain("/var/log/shop");
  expect(existsSync(join(rootOf(host.id), "var/lib/retrofit-logs/control"))).toBe(true);
});

test("a second update finds nothing to change", async () => {
  const preview = await pulumi("preview --stack dev --expect-no-changes --diff");
  if (preview.exitCode !== 0) console.error(preview.stdout.slice(-4000));
  expect(preview.exitCode).toBe(0);
});

test("another version of a container is one update, and no visitor meets an error", async () => {
  writeFileSync(file, readFileSync(file, "utf8").replaceAll("echo 1 >", "echo 2 >"));
  const visitors = visit(`${outputs.url}/reports/`, 40);
  const up = await run("up", "dev");
  if (up.exitCode !== 0) console.error(up.stderr.slice(-4000));
  const answers = tally(await visitors.stop());
  expect(up.exitCode).toBe(0);
  expect(Object.keys(answers).filter((answer) => !answer.endsWith("200"))).toEqual([]);
  expect(await reports()).toBe("200 2");
});

test("a host that is terminated by hand is replaced, and its containers are back as they were last", async () => {
  const machines = async (): Promise<{ id: string; release?: string }[]> =>
    (await retrofit(["sandbox", "status", "--json"], environment).finished).json.machines;
  const host = (await machines()).find(({ release }) => release === undefined)!;
  const ec2 = new EC2Client(emulated());
  await ec2.send(new TerminateInstancesCommand({ InstanceIds: [host.id] }));
  await until("its ports are gone", async () => (await reports()) !== "200 2", 30);
  await until("the next host answers", async () => (await reports()) === "200 2", 90);
  const gone = async () => (await machines()).every(({ id }) => id !== host.id);
  await until("the former host is gone", gone, 30);
  // On the share, which no host takes with it.
  const shares = join(workspace.sandbox, "shares");
  const [share] = readdirSync(shares);
  expect(readFileSync(join(shares, share!, "reports", "versions"), "utf8")).toBe("1\n2\n2\n");
});
