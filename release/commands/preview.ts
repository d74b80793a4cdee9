import type { EngineEvent } from "@pulumi/pulumi/automation";
import type { Context } from "../context";
import { type Change, countChanges, describeChanges, plannedChange } from "../engine/changes";
import { type OpenStack, openStack, selectAws } from "../engine/engine";
import { explainFailure } from "../engine/failures";
import { describeLoss, type Loss, plannedLoss, refuseLosses, unconfirmed } from "../engine/losses";
import { EngineProgress } from "../engine/progress";
import { CommandError, ExitCode, withJson } from "../errors";
import { openProject } from "../project";
import { checkCosts, checkMachines, loadEnvironment } from "../settings";

const SIGNS: Record<Change["operation"], string> = { create: "+", update: "~", delete: "-", replace: "±" };

export interface PreviewOptions {
  /** Names of resources that may be replaced or deleted although they hold something. */
  confirm?: string[];
}

/**
 * Shows what `up` would do. Nothing is changed. Exit code 3 where something that holds data or an address would be replaced or
 * deleted and nobody has confirmed it by name.
 */
export async function preview(
  context: Context,
  environment: string,
  { confirm = [] }: PreviewOptions,
): Promise<void> {
  const project = openProject(context.cwd, environment);
  const config = loadEnvironment(project, environment);
  await checkMachines(project, config);
  await selectAws(context);
  await checkCosts(context, project, environment, config);
  const stack = await openStack(context, project, environment);
  const { changes, losses } = await showPreview(context, stack);
  const json = { environment, changes: countChanges(changes), losses };
  const refusal = refuseLosses(unconfirmed(environment, losses, confirm));
  if (refusal) throw withJson(refusal, json);
  context.output.result(json);
}

/** Prints one line per change, and a warning for each that would take something with it. */
export async function showPreview(
  context: Context,
  { stack, guarded }: OpenStack,
): Promise<{ changes: Change[]; losses: Loss[] }> {
  const { output } = context;
  const progress = new EngineProgress();
  const changes: Change[] = [];
  const losses: Loss[] = [];
  const onEvent = (event: EngineEvent) => {
    for (const line of progress.take(event, Date.now() / 1000)) if (!line.startsWith("!")) output.line(line);
    const loss = plannedLoss(event);
    if (loss) losses.push(loss);
    const change = plannedChange(event);
    if (!change) return;
    changes.push(change);
    const because = change.because.length > 0 ? output.colors.dim(` (${change.because.join(", ")})`) : "";
    output.line(`  ${colored(output, SIGNS[change.operation])} ${change.resource}${because}`);
  };
  try {
    await guarded(() =>
      stack.preview({
        onEvent,
        color: "never",
        suppressProgress: true,
        signal: context.interrupts.signal,
      }),
    );
  } catch (error) {
    if (context.interrupts.requested) {
      throw new CommandError(ExitCode.failed, "Stopped as you asked. Nothing was changed.");
    }
    throw explainFailure(progress.diagnostics, error);
  }
  for (const { severity, message } of progress.diagnostics) if (severity === "warning") output.warn(message);
  for (const loss of losses) output.warn(describeLoss(loss));
  output.done(describeChanges(changes) || "No changes: AWS is as the file says.");
  return { changes, losses };
}

function colored({ colors }: Context["output"], sign: string): string {
  if (sign === "+") return colors.green(sign);
  return sign === "-" ? colors.red(sign) : colors.yellow(sign);
}
