/**
 * An environment with each form of the log store, on the sandbox: up, up again, each option changed once, taken down. With the
 * form that runs there, a real store, also what its web machines and a Docker host ship. What only machines get is changed where a
 * store runs that they can ship to, as a new fleet; `gate` changes nothing that is made, and the store of another environment is
 * what `npm start -- --with-logs` has. That takes long, not least since the AWS provider waits ten minutes for a domain to be gone,
 * so this is a command of its own: `npm run test:logs:environment`.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { createWorkspace, type DemoWorkspace } from "../../release/demo/workspace";
import { type Answer, retrofit } from "../support/command-line";
import { writeBusyboxImage } from "../support/image-archive";
import { until } from "../support/sandbox";

jest.setTimeout(90 * 60_000);

let workspace: DemoWorkspace;
let environment: Record<string, string>;

beforeAll(async () => {
  workspace = createWorkspace("1.0.0");
  workspace.keep();
  environment = { RETROFIT_SANDBOX: workspace.sandbox };
  const { exitCode, stderr } = await retrofit(["sandbox", "start", "--cwd", workspace.project], environment)
    .finished;
  if (exitCode !== 0) throw new Error(stderr);
});
afterAll(async () => {
  await retrofit(["sandbox", "stop"], environment).finished;
  workspace?.remove();
});

async function succeed(...args: string[]): Promise<Answer> {
  const started = Date.now();
  const all = [...args, "--sandbox", "--cwd", workspace.project, "--json"];
  const { exitCode, json, stderr } = await retrofit(all, environment).finished;
  if (exitCode !== 0) throw new Error(stderr.slice(-4000));
  process.stderr.write(`• ${args.join(" ")}: ${Math.round((Date.now() - started) / 1000)} s\n`);
  return json;
}

/** Writes a key of `retrofit:logs`, or all of it. */
const write = (path: readonly string[], value: unknown): void => writeKey(["retrofit:logs", ...path], value);

function writeKey(path: readonly string[], value: unknown): void {
  const file = join(workspace.project, "Pulumi.dev.yaml");
  const document = parseDocument(readFileSync(file, "utf8"));
  document.setIn(["config", ...path], value);
  writeFileSync(file, document.toString());
}

/** A host with a container that does nothing. */
async function writeDockerHost(): Promise<void> {
  await writeBusyboxImage(join(workspace.project, "image.tar"));
  const command = ["/bin/sh", "-c", "exec busybox sleep 86400"];
  const container = { name: "idle", archive: "image.tar", command, memoryMb: 32, cpus: 0.1 };
  writeKey(["retrofit:docker"], { instanceType: "t3.medium", containers: [container] });
}

const total = ({ changes }: Answer): number => changes.created + changes.updated + changes.deleted;
const download = (name: string, digit: string) => ({
  url: `https://mirror.example.com/${name}.tar.gz`,
  sha256: digit.repeat(64),
});

type Option = readonly [path: readonly string[], value: unknown];
const COMMON: Option[] = [
  [["viewers"], ["10.99.0.0/16"]],
  // How large the disks are, until that is said.
  [["dailyGb"], 2],
  [["retentionDays"], 10],
  [["storageGb"], 60],
  [["alarmTopics"], ["arn:aws:sns:eu-central-1:123456789012:alarms"]],
  [["carryIn"], { flowLogs: true }],
];
/** Machines have these in their user data. */
const ON_MACHINES: Option[] = [
  [["sources"], [{ name: "access", paths: ["/var/log/shop/*.log"] }]],
  [["format"], "json"],
  [["bufferMb"], 256],
  [["whenFull"], "drop"],
];
const FORMS: { form: string; logs: object; options: Option[]; runs?: true }[] = [
  {
    form: "on machines of one's own",
    // Nothing runs on such machines in the sandbox, so there is no store to be whole.
    logs: { selfHosted: { opensearch: download("opensearch", "a"), replaceNodes: "always" } },
    options: [
      ...COMMON,
      [["nodes"], 3],
      [["selfHosted", "instanceType"], "r6i.large"],
      [["selfHosted", "opensearch"], download("opensearch-next", "b")],
      [["selfHosted", "plugins"], [download("repository-s3", "c")]],
      [["selfHosted", "dashboards"], download("dashboards", "d")],
      [["selfHosted", "logstash"], download("logstash", "e")],
      [["selfHosted", "syslog"], true],
    ],
  },
  {
    form: "of Amazon OpenSearch Service",
    logs: {},
    runs: true,
    options: [...COMMON, ...ON_MACHINES, [["instanceType"], "m7g.medium.search"], [["nodes"], 2]],
  },
];

describe.each(FORMS)("a store $form", ({ logs, options, runs }) => {
  test("comes up, and a second update changes nothing", async () => {
    write([], logs);
    if (runs) await writeDockerHost();
    const first = await succeed("up", "dev");
    expect(first.changes.created).toBeGreaterThan(20);
    expect(total(await succeed("up", "dev"))).toBe(0);
  });

  if (runs) {
    test.each(["web", "docker_host"])("gets the lines of machines of the role %s", async (role) => {
      const lines = async () =>
        (await succeed("logs", "dev", `retrofit.role:${role}`, "--since", "1h")).lines;
      await until("there are lines", async () => (await lines()).length > 0, 180);
    });
  }

  test.each(options)("%j changes to %j, once", async (path, value) => {
    write(path, value);
    expect(total(await succeed("up", "dev"))).toBeGreaterThan(0);
    expect(total(await succeed("up", "dev"))).toBe(0);
  });

  test("goes without leaving anything", async () => {
    await succeed("destroy", "dev", "--yes");
  });
});
