import type { EngineEvent } from "@pulumi/pulumi/automation";
import type { Context } from "../context";
import { type OpenStack, openStack, selectAws } from "../engine/engine";
import { explainFailure } from "../engine/failures";
import { EngineProgress } from "../engine/progress";
import { kindOf, parseUrn } from "../engine/urn";
import { CommandError, ExitCode } from "../errors";
import { openProject } from "../project";
import { checkCosts, loadEnvironment } from "../settings";

const SIGNS: Record<string, string> = {
  create: "+",
  update: "~",
  delete: "-",
  replace: "±",
  "create-replacement": "",
  "delete-replaced": "",
};

/** Shows what `up` would do. Nothing is changed. */
export async function preview(context: Context, environment: string): Promise<void> {
  const project = openProject(context.cwd, environment);
  const config = loadEnvironment(project, environment);
  await selectAws(context);
  await checkCosts(context, project, environment, config);
  const stack = await openStack(context, project, environment);
  const changes = await showPreview(context, stack);
  context.output.result({ environment, changes });
}

/** Prints one line per change; returns how many there are of each kind. */
export async function showPreview(
  context: Context,
  { stack, guarded }: OpenStack,
): Promise<Record<string, number>> {
  const { output } = context;
  const progress = new EngineProgress();
  const changes: Record<string, number> = {};
  const onEvent = (event: EngineEvent) => {
    for (const line of progress.take(event, Date.now() / 1000)) if (!line.startsWith("!")) output.line(line);
    const step = event.resourcePreEvent?.metadata;
    const sign = step && SIGNS[step.op];
    const { type, name } = parseUrn(step?.urn ?? "");
    if (!step || !sign || type.startsWith("pulumi:")) return;
    changes[step.op] = (changes[step.op] ?? 0) + 1;
    const because =
      step.diffs && step.diffs.length > 0 ? output.colors.dim(` (${step.diffs.join(", ")})`) : "";
    output.line(`  ${colored(output, sign)} ${kindOf(type)} ${name}${because}`);
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
  const words = Object.entries(changes).map(([op, n]) => `${n} to ${op}`);
  output.done(words.length > 0 ? words.join(", ") : "No changes: AWS is as the file says.");
  return changes;
}

function colored({ colors }: Context["output"], sign: string): string {
  if (sign === "+") return colors.green(sign);
  return sign === "-" ? colors.red(sign) : colors.yellow(sign);
}
