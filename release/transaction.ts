import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { readServing, sameShares, type Weights, writeWeights } from "../components/web-tier/traffic";
import type { ReleaseConfig } from "../stacks/config";
import type { Context } from "./context";
import { type OpenStack, openStack } from "./engine/engine";
import { runEngine } from "./engine/run";
import type { RunningEnvironment } from "./environment";
import { setReleases } from "./environment-file";
import { asCommandError, CommandError } from "./errors";
import { type Project, replaceFile } from "./project";
import { fileName } from "./settings";

/** The releases that an environment's file is to name. */
export interface ReleaseChange {
  /** For messages: `The release of 1.1.0`. */
  what: string;
  live: ReleaseConfig;
  standby: ReleaseConfig | undefined;
  /** The file names the releases already, and only the update is to be completed. */
  resume?: boolean;
}

/**
 * Writes the releases into the environment's file and runs the update. When that fails, whatever the reason, the file
 * is put back byte for byte, the traffic is put back where it was, and the update is run again so that the machines
 * that were built for nothing are taken away.
 */
export async function changeReleases(
  context: Context,
  project: Project,
  environment: RunningEnvironment,
  change: ReleaseChange,
): Promise<void> {
  const file = project.file(environment.name);
  const stack = await openStack(context, project, environment.name);
  const backup = new Backup(project, environment.name);
  const before = backup.take(readFileSync(file), change.resume === true);
  const weights = (await readServing(environment.clients, environment.outputs.listenerArn)).weights;
  replaceFile(file, setReleases(readFileSync(file, "utf8"), change));
  try {
    await runEngine(context, stack, "up");
    backup.drop();
  } catch (error) {
    const refusal = asCommandError(error);
    replaceFile(file, before);
    context.output.fail(headline(change, refusal));
    context.output.line();
    context.output.heading(`Putting ${environment.name} back to what it was`);
    const trouble = await putBack(context, environment, stack, weights);
    backup.drop();
    throw withOutcome(refusal, change, fileName(project, environment.name), trouble);
  }
}

/** Returns what could not be put back, as a sentence. */
async function putBack(
  context: Context,
  environment: RunningEnvironment,
  stack: OpenStack,
  weights: Weights,
): Promise<string | undefined> {
  try {
    // An engine that was killed leaves its lock behind, and the lock is ours.
    if (context.interrupts.killed) await stack.stack.cancel();
    await restoreTraffic(environment, weights);
    await runEngine(context, stack, "up", { uninterruptible: true });
    return undefined;
  } catch (error) {
    return `Putting back was not completed: ${asCommandError(error).message} Run: retrofit up ${environment.name}`;
  }
}

/**
 * A killed engine may leave the weights in the middle of a shift, and the engine does not see that: it compares
 * the file with its own state and not with AWS.
 */
async function restoreTraffic({ clients, outputs }: RunningEnvironment, weights: Weights): Promise<void> {
  const now = (await readServing(clients, outputs.listenerArn)).weights;
  if (!sameShares(now, weights)) await writeWeights(clients, outputs.listenerArn, weights);
}

/** The reason in full comes at the end, where it is looked for. */
function headline({ what }: ReleaseChange, { json }: CommandError): string {
  if (json.interrupted) return `${what} was stopped`;
  return json.gate ? `${what} was turned away by the ${json.gate} gate` : `${what} failed`;
}

function withOutcome(
  refusal: CommandError,
  change: ReleaseChange,
  file: string,
  trouble: string | undefined,
): CommandError {
  const outcome = trouble ?? `${file} is as it was, and the machines of ${change.live.version} are gone.`;
  return new CommandError(
    refusal.exitCode,
    `${refusal.json.interrupted ? `${change.what} was stopped and taken back.` : refusal.message}\n${outcome}`,
    refusal.json.interrupted ? undefined : refusal.hint,
    { ...refusal.json, putBack: trouble === undefined },
  );
}

/**
 * The file as it was before a change that is under way, kept on disk: a process that is killed in the middle leaves
 * the new file behind, and the next attempt must still know what to put back if it fails too.
 */
class Backup {
  private readonly path: string;

  constructor(project: Project, environment: string) {
    this.path = join(project.folder, ".retrofit", `before-release.${environment}.yaml`);
  }

  take(content: Buffer, resume: boolean): Buffer {
    if (resume && existsSync(this.path)) return readFileSync(this.path);
    mkdirSync(dirname(this.path), { recursive: true });
    writeFileSync(this.path, content);
    return content;
  }

  drop(): void {
    rmSync(this.path, { force: true });
  }
}
