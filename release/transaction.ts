import { readFileSync } from "node:fs";
import { readServing, sameShares, type Weights, writeWeights } from "../components/web-tier/traffic";
import type { ReleaseConfig } from "../stacks/config";
import { Backup } from "./backup";
import type { Context } from "./context";
import { type OpenStack, openStack } from "./engine/engine";
import { runEngine } from "./engine/run";
import type { RunningEnvironment } from "./environment";
import { setReleases } from "./environment-file";
import { asCommandError, CommandError } from "./errors";
import { type Project, replaceFile } from "./project";
import { recover } from "./recovery";
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
 * Writes the releases into the environment's file and runs the update. When that fails, the file is put back byte for
 * byte, the traffic is put back where it was, and the update is run again so that the machines that were built for
 * nothing are taken away. What somebody else changed meanwhile, the file or the traffic, is left as they put it.
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
  const former = readFileSync(file);
  const before = backup.take(former, change.resume === true);
  const weights = (await readServing(environment.clients, environment.outputs.listenerArn)).weights;
  const written = Buffer.from(setReleases(former.toString("utf8"), change));
  replaceFile(file, written);
  try {
    await runEngine(context, stack, "up");
    backup.drop();
  } catch (error) {
    const refusal = asCommandError(error);
    // Another update got in between: this one has touched nothing but the file.
    if (refusal.json.locked) {
      if (readFileSync(file).equals(written)) replaceFile(file, former);
      if (!change.resume) backup.drop();
      throw refusal;
    }
    if (!readFileSync(file).equals(written)) throw overtaken(refusal, fileName(project, environment.name));
    replaceFile(file, before);
    context.output.fail(headline(change, refusal));
    if (refusal.json.gate === "interference") {
      backup.drop();
      throw leftAlone(refusal, change, environment.name);
    }
    context.output.line();
    context.output.heading(`Putting ${environment.name} back to what it was`);
    const gone =
      environment.outputs.deployment === "inPlace"
        ? `no machine runs ${change.live.version}`
        : `the machines of ${change.live.version} are gone`;
    const trouble = await putBack(context, project, environment, stack, weights);
    if (!trouble) backup.drop();
    throw withOutcome(refusal, change, fileName(project, environment.name), trouble, gone);
  }
}

/** A rollback by command, say: it has written the file and completes what it began. */
function overtaken(refusal: CommandError, file: string): CommandError {
  return new CommandError(
    refusal.exitCode,
    `${refusal.message}\n${file} was changed by somebody else meanwhile and is left as they wrote it.`,
    refusal.hint,
    { ...refusal.json, putBack: false },
  );
}

/** Moving the traffic back now would be against whoever moved it. */
function leftAlone(refusal: CommandError, { live }: ReleaseChange, environment: string): CommandError {
  return new CommandError(
    refusal.exitCode,
    `${refusal.message}\nThe file is as it was; the machines of ${live.version} are still there.`,
    `When nobody else is at it, bring traffic and machines to what the file says: retrofit up ${environment}`,
    { ...refusal.json, putBack: false },
  );
}

/** Returns what could not be put back, as a sentence. */
async function putBack(
  context: Context,
  project: Project,
  environment: RunningEnvironment,
  stack: OpenStack,
  weights: Weights,
): Promise<string | undefined> {
  try {
    if (context.interrupts.killed) {
      // An engine that was killed leaves its lock behind, and the lock is ours; so are the weights it was moving.
      await stack.stack.cancel();
      await restoreTraffic(environment, weights);
    }
    await recover(context, project, environment.name, stack);
    await runEngine(context, stack, "up", { uninterruptible: true });
    return undefined;
  } catch (error) {
    return `Putting back was not completed: ${asCommandError(error).message} Run: retrofit up ${environment.name}`;
  }
}

/** At once, and not only when the engine comes to it: users should not wait for that. */
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
  gone: string,
): CommandError {
  const outcome = trouble ?? `${file} is as it was, and ${gone}.`;
  return new CommandError(
    refusal.exitCode,
    `${refusal.json.interrupted ? `${change.what} was stopped and taken back.` : refusal.message}\n${outcome}`,
    refusal.json.interrupted ? undefined : refusal.hint,
    { ...refusal.json, putBack: trouble === undefined },
  );
}
