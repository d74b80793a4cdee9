import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { LocalWorkspace, PulumiCommand, Stack } from "@pulumi/pulumi/automation";
import { startSandbox } from "../../sandbox";
import type { Context } from "../context";
import { failed } from "../errors";
import { type Project, replaceFile } from "../project";
import { showProgress } from "../steps";

const execute = promisify(execFile);

/**
 * Makes this process and its children talk to the right AWS and the right engine. With `--sandbox` the sandbox is
 * started or joined and its variables are taken over; otherwise everything stays as the user has set it up.
 */
export async function selectAws(context: Context): Promise<void> {
  if (!context.sandbox) return;
  const sandbox = await startSandbox({ lease: false, progress: showProgress(context.output) });
  Object.assign(process.env, sandbox.env);
}

/** An environment's stack, ready to be worked with. */
export interface OpenStack {
  stack: Stack;
  /** Runs an operation of the engine so that it leaves the environment's file as it is. */
  guarded<T>(operation: () => Promise<T>): Promise<T>;
}

/** Opens the environment's stack, creating it when this is its first time. */
export async function openStack(context: Context, project: Project, environment: string): Promise<OpenStack> {
  const { LocalWorkspace } = await import("@pulumi/pulumi/automation");
  const pulumiCommand = await engine();
  const guarded = <T>(operation: () => Promise<T>) =>
    context.sandbox ? keepingFile(project.file(environment), operation) : operation();
  const stack = await guarded(() =>
    LocalWorkspace.createOrSelectStack(
      { stackName: environment, workDir: project.folder },
      { pulumiCommand },
    ),
  );
  return { stack, guarded };
}

/**
 * Opens the environment's stack for a look, and makes none: who checks a pull request may not write the state. An environment that
 * is new has its stack in a folder that goes with the process.
 */
export async function openStackToLook(project: Project, environment: string): Promise<OpenStack> {
  const { LocalWorkspace } = await import("@pulumi/pulumi/automation");
  const pulumiCommand = await engine();
  const where = { stackName: environment, workDir: project.folder };
  const guarded = <T>(operation: () => Promise<T>) => keepingFile(project.file(environment), operation);
  try {
    const stack = await guarded(() => LocalWorkspace.selectStack(where, { pulumiCommand }));
    return { stack, guarded };
  } catch (error) {
    if (!(await isNew(error))) throw error;
  }
  const folder = mkdtempSync(join(tmpdir(), "retrofit-new-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const envVars = {
    PULUMI_BACKEND_URL: `file://${folder}`,
    PULUMI_CONFIG_PASSPHRASE: process.env.PULUMI_CONFIG_PASSPHRASE ?? "",
  };
  const stack = await guarded(() => LocalWorkspace.createStack(where, { pulumiCommand, envVars }));
  return { stack, guarded };
}

async function isNew(error: unknown): Promise<boolean> {
  const { StackNotFoundError } = await import("@pulumi/pulumi/automation");
  return error instanceof StackNotFoundError;
}

async function engine(): Promise<PulumiCommand> {
  const { PulumiCommand } = await import("@pulumi/pulumi/automation");
  return await PulumiCommand.get().catch((error: Error) => {
    throw withoutEngine(error);
  });
}

/** For what is asked of all of a project's stacks. */
export async function openWorkspace({ folder }: Project): Promise<LocalWorkspace> {
  const { LocalWorkspace } = await import("@pulumi/pulumi/automation");
  return await LocalWorkspace.create({ workDir: folder, pulumiCommand: await engine() });
}

/**
 * Where a passphrase protects the state, the engine notes its salt in the environment's file at every operation. In the
 * sandbox that is of no use to anyone, and a checkout that was only tried out stays clean.
 */
async function keepingFile<T>(file: string, operation: () => Promise<T>): Promise<T> {
  const before = readFileSync(file);
  try {
    return await operation();
  } finally {
    if (!readFileSync(file).equals(before)) replaceFile(file, before);
  }
}

function withoutEngine(error: Error): Error {
  if (/ENOENT|not found/.test(error.message)) {
    return failed(
      "There is no Pulumi engine: `pulumi` is not on the PATH.",
      "Install it (https://www.pulumi.com/docs/install/), or add --sandbox to work without an AWS account.",
    );
  }
  return failed(`The Pulumi engine on the PATH cannot be used: ${error.message.split("\n")[0]}`);
}

/** Outputs of the stack as the last update left them; undefined when it was never brought up. */
export async function readOutputs(
  project: Project,
  environment: string,
): Promise<Record<string, unknown> | undefined> {
  try {
    const { stdout } = await execute(
      "pulumi",
      ["stack", "output", "--json", "--stack", environment, "--non-interactive"],
      { cwd: project.folder, maxBuffer: 16 * 1024 * 1024 },
    );
    return JSON.parse(stdout) as Record<string, unknown>;
  } catch (error) {
    const { stderr = "", code } = error as { stderr?: string; code?: unknown };
    if (/no stack named/.test(stderr)) return undefined;
    if (code === "ENOENT") throw withoutEngine(error as Error);
    throw failed(`The environment's outputs cannot be read: ${stderr.trim() || (error as Error).message}`);
  }
}

/** What is noted at the stack itself, which is there before its first update. */
export async function readTags(project: Project, environment: string): Promise<Record<string, string>> {
  return await (await openWorkspace(project)).listTags(environment);
}
