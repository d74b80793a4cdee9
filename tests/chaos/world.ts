/** One environment on a sandbox of its own under a steady load, and everything that the points do to it. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import { EC2Client } from "@aws-sdk/client-ec2";
import { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { parse, parseDocument } from "yaml";
import { Load } from "../../release/demo/load";
import { createWorkspace, type DemoWorkspace } from "../../release/demo/workspace";
import { type Sandbox, startSandbox, stopSandbox } from "../../sandbox";
import { markedProcesses } from "../../sandbox/daemon/processes";
import { ApiProxy } from "./api-proxy";

export const ENVIRONMENT = "dev";
const REQUESTS_PER_SECOND = 110;
const MARKER = "RETROFIT_CHAOS";
const executable = join(__dirname, "..", "..", "bin", "retrofit.js");

export type Say = (line: string) => void;

/** A command under way, with its engine, program and provider. */
export interface Running {
  readonly child: ChildProcess;
  output(): string;
  readonly ended: Promise<Ended>;
}

export interface Ended {
  exitCode: number | null;
  output: string;
  // biome-ignore lint/suspicious/noExplicitAny: a wrong shape is found by whoever reads it
  json: Record<string, any>;
}

export interface Clients {
  autoScaling: AutoScalingClient;
  ec2: EC2Client;
  elb: ElasticLoadBalancingV2Client;
}

export class World {
  readonly file: string;
  readonly url: string;
  readonly listenerArn: string;
  readonly testListenerArn: string;
  readonly clients: Clients;
  private patch = 1;
  private runs = 0;

  private constructor(
    readonly say: Say,
    private readonly workspace: DemoWorkspace,
    private readonly sandbox: Sandbox,
    readonly proxy: ApiProxy,
    private readonly env: NodeJS.ProcessEnv,
    outputs: Record<string, string>,
    readonly load: Load,
  ) {
    this.file = fileOf(workspace);
    this.url = outputs.url ?? "";
    this.listenerArn = outputs.listenerArn ?? "";
    this.testListenerArn = outputs.testListenerArn ?? "";
    const config = {
      endpoint: sandbox.endpoint,
      region: "eu-central-1",
      credentials: { accessKeyId: "sandbox", secretAccessKey: "sandbox" },
    };
    this.clients = {
      autoScaling: new AutoScalingClient(config),
      ec2: new EC2Client(config),
      elb: new ElasticLoadBalancingV2Client(config),
    };
  }

  /** Up with a live release and a standby, and requests coming in. */
  static async create(say: Say): Promise<World> {
    const workspace = createWorkspace("1.0.0");
    settle(fileOf(workspace));
    process.env.RETROFIT_SANDBOX = workspace.sandbox;
    const sandbox = await startSandbox({ lease: true });
    const proxy = await ApiProxy.start(sandbox.endpoint);
    const env = { ...process.env, ...sandbox.env, AWS_ENDPOINT_URL: proxy.url, NO_COLOR: "1" };
    const started = Date.now();
    try {
      const run = (command: string, args: string[]) => finished(command, args, env, workspace.project);
      // It writes the passphrase's salt into the file once, as in anyone's project.
      await run("pulumi", ["stack", "init", ENVIRONMENT, "--non-interactive"]);
      await run(process.execPath, [executable, "up", ENVIRONMENT, "--yes", "--cwd", workspace.project]);
      const { output } = await run("pulumi", ["stack", "output", "--json", "--stack", ENVIRONMENT]);
      const outputs = JSON.parse(output) as Record<string, string>;
      const load = Load.start(String(outputs.url), REQUESTS_PER_SECOND);
      const world = new World(say, workspace, sandbox, proxy, env, outputs, load);
      await world.succeed(["release", ENVIRONMENT, world.nextVersion(), ...ARTIFACT]);
      say(`environment up under ${REQUESTS_PER_SECOND} requests/s in ${seconds(started)} s`);
      return world;
    } catch (error) {
      proxy.close();
      await sandbox.close();
      await stopSandbox();
      workspace.remove();
      throw error;
    }
  }

  async close(): Promise<void> {
    this.load.kill();
    this.proxy.close();
    await this.sandbox.close();
    await stopSandbox();
    this.workspace.remove();
  }

  nextVersion(): string {
    return `1.0.${this.patch++}`;
  }

  get project(): string {
    return this.workspace.project;
  }

  /** What the environment's file says. */
  declared(): { live: string; standby: string | undefined } {
    const { config } = parse(readFileSync(this.file, "utf8")) as {
      config: Record<string, { version: string } | undefined>;
    };
    return { live: config["retrofit:live"]?.version ?? "", standby: config["retrofit:standby"]?.version };
  }

  /** A file that a release left behind when it was killed. */
  hasBackup(): boolean {
    return existsSync(join(this.project, ".retrofit", `before-release.${ENVIRONMENT}.yaml`));
  }

  start(args: string[]): Running {
    return this.spawn(process.execPath, [executable, ...args, "--yes", "--json", "--cwd", this.project]);
  }

  pulumi(args: string[]): Promise<Ended> {
    return this.spawn("pulumi", [...args, "--stack", ENVIRONMENT, "--non-interactive", "--color", "never"])
      .ended;
  }

  /** Runs a command to its end; anything but success is an error. */
  async succeed(args: string[]): Promise<Ended> {
    const ended = await within(500, args.join(" "), this.start(args).ended);
    if (ended.exitCode !== 0) {
      throw new Error(`retrofit ${args.join(" ")} ended with ${ended.exitCode}: ${lastLines(ended.output)}`);
    }
    return ended;
  }

  /** Every process of a command, wherever it is in the tree, at once. */
  async kill(running: Running): Promise<void> {
    const id = this.ids.get(running.child) ?? "";
    for (let round = 0; round < 100; round += 1) {
      const pids = markedProcesses(MARKER, id);
      if (pids.length === 0 && round > 2) break;
      for (const pid of pids) signal(pid, "SIGKILL");
      await sleep(20);
    }
    await running.ended;
  }

  /** Whatever a point that went wrong has left running. */
  async killAll(): Promise<void> {
    for (let round = 0; round < 50; round += 1) {
      const pids = markedProcesses(MARKER, `${process.pid}-`);
      if (pids.length === 0) return;
      for (const pid of pids) signal(pid, "SIGKILL");
      await sleep(50);
    }
  }

  /** Stops every process of a command where it is, or lets it go on. */
  pause(running: Running, how: "SIGSTOP" | "SIGCONT"): void {
    for (const pid of markedProcesses(MARKER, this.ids.get(running.child) ?? "")) signal(pid, how);
  }

  private readonly ids = new Map<ChildProcess, string>();

  private spawn(command: string, args: string[]): Running {
    this.runs += 1;
    const id = `${process.pid}-${this.runs};`;
    const env = { ...this.env, [MARKER]: id };
    const running = begin(command, args, env, this.project);
    this.ids.set(running.child, id);
    return running;
  }
}

/** The artifact of every release here: what changes is the version, and with it the fleet. */
export const ARTIFACT = ["--artifact", "sample/releases/1.1.0"];

/** One that can be told from it by its answers, where who answered is to be seen; they name what the artifact was built as. */
export const OTHER_ARTIFACT = { option: ["--artifact", "sample/releases/1.0.0"], answersAs: "1.0.0" };

function fileOf(workspace: DemoWorkspace): string {
  return join(workspace.project, `Pulumi.${ENVIRONMENT}.yaml`);
}

/** Steps that are short, and room for the fleets to grow. */
function settle(file: string): void {
  const document = parseDocument(readFileSync(file, "utf8"));
  const shift = {
    steps: [10, 50, 100],
    waitSeconds: 4,
    pollSeconds: 2,
    healthyPolls: 2,
    healthTimeoutSeconds: 90,
  };
  document.setIn(["config", "retrofit:shift"], document.createNode(shift));
  document.setIn(["config", "retrofit:web", "deregistrationDelaySeconds"], 5);
  writeFileSync(file, document.toString());
}

function begin(command: string, args: string[], env: NodeJS.ProcessEnv, cwd: string): Running {
  const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, all] = ["", ""];
  child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
    stdout += chunk;
    all += chunk;
  });
  child.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
    all += chunk;
  });
  const ended = new Promise<Ended>((resolve) => {
    // "exit" and not "close": a process that outlives a kill may hold the streams.
    child.once("exit", (exitCode) =>
      setTimeout(() => resolve({ exitCode, output: all, json: lastObject(stdout) }), 50),
    );
  });
  return { child, output: () => all, ended };
}

async function finished(
  command: string,
  args: string[],
  env: NodeJS.ProcessEnv,
  cwd: string,
): Promise<Ended> {
  const ended = await begin(command, args, env, cwd).ended;
  if (ended.exitCode === 0) return ended;
  throw new Error(`${command} ${args[0]} ended with ${ended.exitCode}: ${lastLines(ended.output)}`);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended in the meantime.
  }
}

function lastObject(stdout: string): Record<string, unknown> {
  try {
    return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as Record<string, unknown>;
  } catch {
    return {};
  }
}

export function lastLines(output: string, count = 12): string {
  return output.trim().split("\n").slice(-count).join("\n");
}

export function seconds(since: number): number {
  return Math.round((Date.now() - since) / 1000);
}

/** Waits until it is so; says what was waited for when it never is. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  limit = 300,
): Promise<void> {
  const end = Date.now() + limit * 1000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`waited ${limit} s in vain until ${what}`);
    await sleep(100);
  }
}

export async function within<T>(limit: number, what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not end within ${limit} s`)), limit * 1000);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
