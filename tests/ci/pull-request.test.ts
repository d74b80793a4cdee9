/** The check of a pull request as its pipeline runs it: the workflow's own step, on the sandbox, with a GitHub that keeps comments. */
import { execFileSync } from "node:child_process";
import { cpSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { parse } from "yaml";
import { createWorkspace, type DemoWorkspace } from "../../release/demo/workspace";
import { retrofit, start } from "../support/command-line";
import { believe, type Declared, database, declare, tags } from "./support/small-program";

jest.setTimeout(10 * 60_000);

const root = join(__dirname, "..", "..");

interface Workflow {
  jobs: Record<string, { steps: { run?: string; env?: Record<string, string> }[] }>;
}

/** The shell of a job's last step, and the names of what the workflow gives to it. */
function lastStep(workflow: string, job: string): { run: string; variables: string[] } {
  const text = readFileSync(join(root, "ci", "github", "workflows", workflow), "utf8");
  const { run = "", env = {} } = (parse(text) as Workflow).jobs[job]!.steps.at(-1)!;
  return { run, variables: Object.keys(env) };
}

let workspace: DemoWorkspace;
let github: Server;
const comments: { id: number; body: string }[] = [];
let variables: Record<string, string>;

const git = (...args: string[]) =>
  execFileSync("git", ["-c", "user.name=Ada", "-c", "user.email=ada@example.com", ...args], {
    cwd: workspace.project,
  });

function commit(message: string, change?: (text: string) => string): void {
  const file = join(workspace.project, "Pulumi.dev.yaml");
  if (change) writeFileSync(file, change(readFileSync(file, "utf8")));
  git("add", "-A");
  git("commit", "-q", "-m", message);
}

async function keepComments(): Promise<Server> {
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += chunk;
    const id = Number(request.url?.split("/").at(-1));
    if (request.method === "GET") return void response.end(JSON.stringify(comments));
    const { body } = JSON.parse(text) as { body: string };
    const former = comments.find((comment) => comment.id === id);
    if (former) former.body = body;
    else comments.push({ id: comments.length + 1, body });
    response.end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

beforeAll(async () => {
  workspace = createWorkspace("1.0.0");
  symlinkSync(join(root, "node_modules"), join(workspace.project, "node_modules"));
  cpSync(join(root, "ci", "steps"), join(workspace.project, "ci", "steps"), { recursive: true });
  writeFileSync(
    join(workspace.project, ".gitignore"),
    "node_modules\nsample\nsandbox\ncomment.md\nstate.json\n",
  );
  git("init", "-q", "-b", "main");
  commit("Begin");
  git("update-ref", "refs/remotes/origin/main", "main");
  git("checkout", "-q", "-b", "change");

  github = await keepComments();
  const sandbox = { RETROFIT_SANDBOX: workspace.sandbox };
  const { exitCode, stderr } = await retrofit(["sandbox", "start"], sandbox).finished;
  if (exitCode !== 0) throw new Error(stderr);
  variables = {
    ...sandbox,
    BASE: "main",
    GITHUB_TOKEN: "a token",
    GITHUB_API_URL: `http://127.0.0.1:${(github.address() as AddressInfo).port}`,
    GITHUB_REPOSITORY: "example/shop",
    GITHUB_REF: "refs/pull/7/merge",
  };
});

afterAll(async () => {
  await retrofit(["sandbox", "stop"], { RETROFIT_SANDBOX: workspace.sandbox }).finished;
  await new Promise((resolve) => github.close(resolve));
  workspace.remove();
});

/** As a runner does it: in the checkout, with the variables of the step, and AWS where the environment says. */
const runStep = () => {
  const { run } = lastStep("pull-request.yml", "check");
  const aws = `eval "$(node "${join(root, "bin", "retrofit.js")}" sandbox env)"`;
  return start("bash", ["-c", `${aws}\n${run}`], variables, workspace.project).finished;
};

test("a change that grows passes, and its comment says what comes and what changes", async () => {
  expect(lastStep("pull-request.yml", "check").variables).toEqual(["BASE", "GITHUB_TOKEN"]);
  commit("Room for more machines", (text) => text.replace("max: 4", "max: 6"));
  const { exitCode, stdout, stderr } = await runStep();
  if (exitCode !== 0) console.error(stdout, stderr);
  expect(exitCode).toBe(0);
  expect(comments).toHaveLength(1);
  const [comment] = comments;
  expect(comment!.body).toContain("### ✅ retrofit: dev can take this change");
  expect(comment!.body).toMatch(/\*\*What changes\*\*: \d+ to create/);
  expect(comment!.body).toContain("| create | `VPC network` |");
});

test("a change that cannot be previewed fails, and the same comment says why", async () => {
  commit("Too small", (text) => text.replace("max: 6", "max: 0"));
  const { exitCode } = await runStep();
  expect(exitCode).toBe(2);
  expect(comments).toHaveLength(1);
  expect(comments[0]!.body).toContain("### ❌ retrofit: dev cannot take this change");
  expect(comments[0]!.body).toContain("retrofit:web.max");
});

test("a change that touches no environment passes without any preview", async () => {
  git("reset", "-q", "--hard", "main");
  writeFileSync(join(workspace.project, "README.md"), "What it is.\n");
  commit("Explain");
  expect((await runStep()).exitCode).toBe(0);
  expect(comments.map(({ body }) => body)).toEqual([
    "<!-- retrofit:check retrofit -->\n\n### ✅ retrofit: no environment is touched by this change\n",
  ]);
});

/** What reviewers read, word for word: `golden/` has it as the engine, the provider and the pack had it written. */
function expectGolden(name: string): void {
  expect(comments).toHaveLength(1);
  // What it costs depends on the prices that this machine has looked up before.
  const text = comments[0]!.body.replace(/^\*\*What it costs a month\*\*: .*\n\n(<sub>.*<\/sub>\n\n)?/m, "");
  const file = join(__dirname, "golden", `${name}.md`);
  if (process.env.UPDATE_GOLDEN) writeFileSync(file, text);
  expect(text).toBe(readFileSync(file, "utf8"));
}

describe("on the real engine, with a program of the project's own", () => {
  const address: Declared = { type: "aws:ec2/eip:Eip", name: "office", inputs: { domain: "vpc", tags } };
  const door = (cidrIpv4: unknown): Declared => ({
    type: "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    name: "admin",
    inputs: {
      securityGroupId: "sg-12345678",
      description: "Administration",
      ipProtocol: "tcp",
      fromPort: 22,
      toPort: 22,
      cidrIpv4,
    },
  });

  async function change(message: string, ...resources: Declared[]): Promise<number | null> {
    declare(workspace.project, resources);
    commit(message);
    const { exitCode, stdout, stderr } = await runStep();
    if (![1, 3].includes(exitCode ?? 0)) console.error(stdout, stderr);
    return exitCode;
  }

  test("a change that replaces a database and deletes an address is turned away until it is confirmed by name", async () => {
    await believe(workspace.project, [database(), address], variables);
    expect(await change("Another name for the database", database({ dbName: "store" }))).toBe(3);
    expectGolden("loses-database");
  });

  test("a change that breaks a rule is turned away, with what the rule asks for", async () => {
    await believe(workspace.project, [], variables);
    expect(await change("Get in from anywhere", door("0.0.0.0/0"))).toBe(3);
    expectGolden("breaks-rule");
  });

  test("a change of which a rule cannot be judged fails, although the engine lets it pass as advice", async () => {
    const unknown = door({ from: ["office", "publicIp"] });
    expect(await change("Get in from the office", address, unknown)).toBe(1);
    expectGolden("rule-cannot-run");
  });
});
