/** A real emulator process of a test's own, that can be killed in the middle of anything and started again. */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { EC2Client } from "@aws-sdk/client-ec2";
import { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { S3Client } from "@aws-sdk/client-s3";
import { ensureEmulatorPython } from "../../sandbox/toolchain/python";

export const region = "eu-central-1";
const emulatorFolder = `${__dirname}/../../sandbox/emulator`;

export class TestEmulator {
  endpoint = "";
  private child?: ChildProcess;

  constructor(
    readonly journal: string,
    private readonly environment: Record<string, string> = {},
  ) {}

  async start(): Promise<void> {
    const python = process.env.RETROFIT_EMULATOR_PYTHON ?? (await ensureEmulatorPython(() => {}));
    const args = ["-m", "retrofit_emulator", "--port", "0", "--journal", this.journal, "--region", region];
    const child = spawn(python, args, {
      env: { ...process.env, PYTHONPATH: emulatorFolder, PYTHONDONTWRITEBYTECODE: "1", ...this.environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.child = child;
    let said = "";
    child.stderr.on("data", (chunk) => {
      said = (said + chunk).slice(-2_000);
    });
    const port = await new Promise<string>((resolve, reject) => {
      createInterface(child.stdout).on("line", (line) => {
        const ready = /^ready (\d+)$/.exec(line);
        if (ready) resolve(ready[1]!);
      });
      child.once("exit", (code, signal) =>
        reject(new Error(`the emulator ended (${signal ?? code}): ${said}`)),
      );
    });
    this.endpoint = `http://127.0.0.1:${port}`;
  }

  /** SIGKILL by default: what a crash or a killed sandbox does. */
  async end(signal: "SIGKILL" | "SIGTERM" = "SIGKILL"): Promise<void> {
    const child = this.child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    await ended;
  }

  /** The internal API; the answer's JSON, or an Error with it when it is no success. */
  async internal<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${this.endpoint}/_retrofit/${path}`, {
      method,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const answer = await response.text();
    if (!response.ok) throw new Error(`${response.status} ${answer}`);
    return JSON.parse(answer) as T;
  }

  clients() {
    const credentials = { accessKeyId: "AKIASANDBOX000000000", secretAccessKey: "sandbox" };
    const options = { endpoint: this.endpoint, region, credentials, maxAttempts: 1 };
    return {
      ec2: new EC2Client(options),
      elb: new ElasticLoadBalancingV2Client(options),
      scaling: new AutoScalingClient(options),
      cloudwatch: new CloudWatchClient(options),
      s3: new S3Client({ ...options, forcePathStyle: true }),
    };
  }
}

export type Clients = ReturnType<TestEmulator["clients"]>;

export interface State {
  revision: number;
  loadBalancers: { arn: string; name: string; dnsName: string; scheme: string }[];
  listeners: {
    arn: string;
    port: number;
    defaultActions: { type: string; targetGroups?: { arn: string; weight: number }[] }[];
    rules: { priority: number; conditions: { field: string; name?: string; values: string[] }[] }[];
  }[];
  targetGroups: {
    arn: string;
    name: string;
    deregistrationDelaySeconds: number;
    loadBalancerArns: string[];
    targets: { id: string; port: number }[];
  }[];
  instances: {
    id: string;
    state: string;
    userData: string | null;
    privateIp: string;
    autoScalingGroup: string | null;
    tags: Record<string, string>;
  }[];
}
