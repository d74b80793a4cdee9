import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Context } from "../context";
import { selectAws } from "../engine/engine";
import { describeLoss } from "../engine/losses";
import { CommandError, ExitCode, withJson, wrongUse } from "../errors";
import { beginOfChange } from "../git";
import { count } from "../output";
import { openProject, projectIn, projectName, replaceFile } from "../project";
import { type CheckedEnvironment, checkEnvironment, describeFinding } from "../pull-request/check";
import { commentOf } from "../pull-request/comment";
import { confirmedInCommits, touchedEnvironments } from "../pull-request/touched";

export interface CheckOptions {
  strict?: boolean;
  confirm?: string[];
  /** Commit or branch that the change is compared with: what it touches, what its commits confirm, what it costs. */
  since?: string;
  /** File that the pull request's comment is written to. */
  comment?: string;
}

/**
 * The check of a pull request: previews environments with the policy pack. Exit code 3 where a mandatory rule is broken or
 * something that holds data or an address would go unconfirmed, 1 where a rule could not run or a preview could not be made.
 */
export async function check(context: Context, named: string[], options: CheckOptions): Promise<void> {
  const project = projectIn(context.cwd);
  for (const environment of named) openProject(context.cwd, environment);
  const { since, comment } = options;
  if (named.length === 0 && since === undefined) {
    throw wrongUse(
      "There is no environment to check.",
      "Name one or more, or give --since origin/main for those that the change touches.",
    );
  }
  if (comment !== undefined && !existsSync(dirname(resolve(comment))))
    throw wrongUse(
      `--comment ${comment}: there is no folder ${dirname(resolve(comment))}.`,
      "Make it first.",
    );
  const begin = since === undefined ? undefined : await beginOfChange(project.folder, since);
  const environments =
    named.length > 0 || begin === undefined ? [...new Set(named)] : await touchedEnvironments(project, begin);
  const confirm = [
    ...(options.confirm ?? []),
    ...(begin === undefined ? [] : await confirmedInCommits(project, begin)),
  ];

  if (environments.length > 0) await selectAws(context);
  const checked: CheckedEnvironment[] = [];
  for (const environment of environments) {
    if (environments.length > 1) context.output.heading(environment);
    const one = await checkEnvironment(context, project, environment, {
      ...options,
      confirm,
      ...(begin !== undefined && { begin }),
    });
    show(context, one);
    checked.push(one);
  }
  if (comment !== undefined) replaceFile(resolve(comment), commentOf(projectName(project), checked));

  const [only] = checked;
  const json =
    named.length === 1 && only ? asJson(only) : { environments: checked.map((one) => asJson(one)) };
  const refusal = verdict(checked);
  if (refusal) throw withJson(refusal, json);
  context.output.done(
    environments.length > 0 ? "Every rule holds." : "No environment is touched by this change.",
  );
  context.output.result(json);
}

/** One refusal for all. What could not be judged outweighs what was turned away. */
export function verdict(checked: readonly CheckedEnvironment[]): CommandError | undefined {
  const refused = checked.flatMap(({ environment, refusal }) => (refusal ? [{ environment, refusal }] : []));
  const [first] = refused;
  if (!first) return undefined;
  if (checked.length === 1) return first.refusal;
  const codes = refused.map(({ refusal }) => refusal.exitCode);
  const exitCode = codes.find((code) => code !== ExitCode.turnedAway) ?? ExitCode.turnedAway;
  const told = refused.map(({ environment, refusal: { message, hint } }) =>
    [`${environment}: ${message}`, ...(hint ? [hint] : [])].join("\n"),
  );
  return new CommandError(
    exitCode,
    `${refused.length} of ${count(checked.length, "environment")} cannot go on:\n${told.join("\n")}`,
  );
}

function show({ output }: Context, { findings, unconfirmed }: CheckedEnvironment): void {
  if (!findings) return;
  for (const finding of findings.advisory) output.warn(describeFinding(finding));
  for (const { rule, resource } of findings.remediated) output.line(`  ${resource}: ${rule} corrects it`);
  const rules = [...new Set(findings.waiting.map(({ rule }) => rule))];
  if (rules.length > 0)
    output.line(output.colors.dim(`  the update decides, before it touches them: ${rules.join(", ")}`));
  for (const loss of findings.losses)
    if (!unconfirmed.includes(loss)) output.warn(`${describeLoss(loss)} (confirmed)`);
}

function asJson({ environment, findings, refusal }: CheckedEnvironment): Record<string, unknown> {
  if (!findings) return { environment, error: refusal?.message };
  const { mandatory, advisory, notRun, waiting, remediated, losses, changes } = findings;
  return { environment, findings: [...mandatory, ...advisory], notRun, waiting, remediated, losses, changes };
}
