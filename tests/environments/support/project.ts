/** The project's own environment files in a folder that a test may write to, with shorter waits. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { parseDocument } from "yaml";
import { createWorkspace, type DemoWorkspace } from "../../../release/demo/workspace";
import { type Answer, type Finished, retrofit } from "../../support/command-line";
import { Checkout } from "./checkout";

const root = join(__dirname, "..", "..", "..");
const WAY = ["dev", "test", "integration", "uat", "perf", "preprod", "prod"];

export class EnvironmentsProject {
  private checkout?: Checkout;

  private constructor(
    private readonly workspace: DemoWorkspace,
    /** In the order of a release's way. */
    readonly environments: readonly string[],
  ) {}

  /** @param chosen The environments to have; the way goes from each to the next of them. */
  static async start(chosen: readonly string[] = WAY): Promise<EnvironmentsProject> {
    const workspace = createWorkspace("1.0.0");
    workspace.keep();
    const project = new EnvironmentsProject(workspace, chosen);
    chosen.forEach((name, i) => {
      project.edit(name, name === "dev" ? project.file(name) : join(root, `Pulumi.${name}.yaml`), {
        ...(i > 0 && { "retrofit:promotion.from": chosen[i - 1]! }),
        "retrofit:shift.waitSeconds": 3,
        "retrofit:shift.pollSeconds": 1,
        "retrofit:keep.bakeSeconds": 0,
        "retrofit:web.deregistrationDelaySeconds": 3,
        "retrofit:web.healthCheck": { intervalSeconds: 5, timeoutSeconds: 2, healthyThreshold: 2 },
      });
    });
    const { exitCode, stderr } = await retrofit(["sandbox", "start", "--cwd", workspace.project], project.env)
      .finished;
    if (exitCode !== 0) throw new Error(stderr);
    return project;
  }

  /** A command in the sandbox, as its users give it. */
  run(...args: string[]): Promise<Finished> {
    return retrofit([...args, "--sandbox", "--cwd", this.workspace.project, "--json"], this.env).finished;
  }

  /** Like {@link run}; what went wrong is in the error. */
  async succeed(...args: string[]): Promise<Answer> {
    const { exitCode, json, stderr } = await this.run(...args);
    if (exitCode === 0) return json;
    throw new Error(`retrofit ${args.join(" ")} ended with ${exitCode}:\n${stderr.slice(-4000)}`);
  }

  /** From now on there are the steps of the pipelines, in a repository whose remote has the files as they are now. */
  checkOut(): void {
    this.checkout = new Checkout(this.workspace.project);
  }

  /** A step of the pipelines, without `--sandbox`: it finds the sandbox as it finds AWS, by the variables of the runner. */
  async step(script: string, ...args: string[]): Promise<string> {
    const variables = { ...this.env, ...(await this.variables()), LOAD_PROFILE: "smoke" };
    const { exitCode, stdout, stderr } = await this.checkout!.step(variables, script, ...args);
    if (exitCode === 0) return stdout + stderr;
    throw new Error(`${script} ${args.join(" ")} ended with ${exitCode}:\n${(stdout + stderr).slice(-4000)}`);
  }

  /** An environment's file as the steps have pushed it. */
  pushed(name: string): string {
    return this.checkout!.pushed(`Pulumi.${name}.yaml`);
  }

  /** What a command of somebody's has left in the project's folder. */
  left(file: string): string {
    return readFileSync(join(this.workspace.project, file), "utf8");
  }

  file(name: string): string {
    return join(this.workspace.project, `Pulumi.${name}.yaml`);
  }

  text(name: string): string {
    return readFileSync(this.file(name), "utf8");
  }

  /** Sets keys of an environment's file: `retrofit:web.min`. */
  edit(name: string, from: string, values: Record<string, unknown>): void {
    const document = parseDocument(readFileSync(from, "utf8"));
    for (const [key, value] of Object.entries(values)) document.setIn(["config", ...key.split(".")], value);
    writeFileSync(this.file(name), document.toString({ lineWidth: 0 }));
  }

  /** Where the emulated AWS is. */
  async endpoint(): Promise<string> {
    return (await this.variables()).AWS_ENDPOINT_URL;
  }

  /** What there is in it. */
  async emulated(): Promise<Answer> {
    return (await (await fetch(`${await this.endpoint()}/_retrofit/state`)).json()) as Answer;
  }

  async read(address: string): Promise<Buffer> {
    const { Body } = await (await this.s3()).send(new GetObjectCommand(placeOf(address)));
    return Buffer.from(await Body!.transformToByteArray());
  }

  /** Puts something else in an object's place, as somebody with access to the bucket could. */
  async overwrite(address: string, body: string | Buffer): Promise<void> {
    await (await this.s3()).send(new PutObjectCommand({ ...placeOf(address), Body: body }));
  }

  /** As in a checkout that never had the environment's file. */
  forget(name: string): void {
    rmSync(this.file(name));
  }

  async stop(): Promise<void> {
    await retrofit(["sandbox", "stop"], this.env).finished;
    this.checkout?.remove();
    this.workspace.remove();
  }

  private get env(): Record<string, string> {
    return { RETROFIT_SANDBOX: this.workspace.sandbox };
  }

  private async s3(): Promise<S3Client> {
    const { AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = await this.variables();
    return new S3Client({
      endpoint: AWS_ENDPOINT_URL,
      region: "eu-central-1",
      forcePathStyle: true,
      credentials: { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY },
    });
  }

  private async variables(): Promise<Answer> {
    return JSON.parse((await retrofit(["sandbox", "env", "--json"], this.env).finished).stdout) as Answer;
  }
}

function placeOf(address: string): { Bucket: string; Key: string } {
  const [, Bucket, Key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(address)!;
  return { Bucket: Bucket!, Key: Key! };
}
