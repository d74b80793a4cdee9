import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EngineEvent } from "@pulumi/pulumi/automation";
import type { Context } from "../context";
import { type OpenStack, openStack, selectAws } from "../engine/engine";
import { explainFailure } from "../engine/failures";
import { EngineProgress } from "../engine/progress";
import { CommandError, ExitCode, turnedAway } from "../errors";
import { count } from "../output";
import { packageRoot } from "../package-root";
import { packConfiguration } from "../policies/configuration";
import { type Finding, type Loss, PolicyFindings } from "../policies/findings";
import { openProject } from "../project";
import { loadEnvironment } from "../settings";

export interface CheckOptions {
  /** Also fail where a rule has to wait for the update to decide it. */
  strict?: boolean;
  /** Names of resources that may be replaced or deleted although they hold something. */
  confirm?: string[];
}

/**
 * The check of a pull request: previews an environment with the policy pack. Exit code 3 where a mandatory rule is broken or
 * something that holds data or an address would go unconfirmed, 1 where a rule could not run.
 */
export async function check(context: Context, environment: string, options: CheckOptions): Promise<void> {
  const project = openProject(context.cwd, environment);
  const configuration = packConfiguration(loadEnvironment(project, environment));
  await selectAws(context);
  const stack = await openStack(context, project, environment);
  const findings = await previewWithPolicies(context, stack, configuration);
  const unconfirmed = findings.losses.filter(({ name }) => !options.confirm?.includes(name));
  show(context, findings, unconfirmed);
  const judged = judge(findings, unconfirmed, options);
  if (judged)
    throw new CommandError(judged.exitCode, judged.message, judged.hint, {
      ...judged.json,
      ...asJson(environment, findings),
    });
  context.output.done("Every rule holds.");
  context.output.result(asJson(environment, findings));
}

/** The verdict as an error, or nothing. Pure, so that its order can be tested: a rule that did not run outweighs all. */
export function judge(
  { notRun, waiting, mandatory }: Pick<PolicyFindings, "notRun" | "waiting" | "mandatory">,
  losses: readonly Loss[],
  { strict }: CheckOptions,
): CommandError | undefined {
  const undecided = strict ? [...notRun, ...waiting] : notRun;
  if (undecided.length > 0) {
    return new CommandError(
      ExitCode.failed,
      `${count(undecided.length, "rule")} could not run, so nobody knows whether they hold:\n${lines(undecided)}`,
      "Such a rule looks at a value that is not known before the update. Give the value literally, or bring up first what it comes from.",
    );
  }
  if (mandatory.length > 0) {
    return turnedAway(
      "policy",
      `${count(mandatory.length, "finding")} of the policy pack:\n${lines(mandatory)}`,
      "Correct them, or name an exception with reason and day under retrofit:policies.",
    );
  }
  if (losses.length === 0) return undefined;
  const names = losses.map(({ name }) => `--confirm ${name}`).join(" ");
  return turnedAway(
    "loss",
    `${count(losses.length, "resource")} that cannot be had back would go:\n${losses.map(describeLoss).join("\n")}`,
    `If that is meant: ${names}`,
  );
}

/** Runs the preview and gathers what the pack says. A finding does not end it; whatever else goes wrong does. */
export async function previewWithPolicies(
  context: Context,
  { stack, guarded }: OpenStack,
  configuration: object,
): Promise<PolicyFindings> {
  const findings = new PolicyFindings();
  const progress = new EngineProgress();
  const folder = mkdtempSync(join(tmpdir(), "retrofit-policies-"));
  const file = join(folder, "policies.json");
  writeFileSync(file, JSON.stringify(configuration));
  const onEvent = (event: EngineEvent) => {
    findings.take(event);
    progress.take(event, Date.now() / 1000);
  };
  try {
    const settings = {
      policyPacks: [join(packageRoot(), "policies")],
      policyPackConfigs: [file],
      onEvent,
      color: "never" as const,
      suppressProgress: true,
      signal: context.interrupts.signal,
    };
    await guarded(() => stack.preview(settings));
  } catch (error) {
    if (context.interrupts.requested)
      throw new CommandError(ExitCode.failed, "Stopped as you asked. Nothing was changed.");
    // The engine fails a preview with findings as well; an error of its own comes with a diagnostic.
    const own = progress.diagnostics.some(
      ({ severity, message }) => severity === "error" && !/^preview failed$/.test(message),
    );
    if (own || findings.mandatory.length === 0) throw explainFailure(progress.diagnostics, error);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return findings;
}

function show({ output }: Context, findings: PolicyFindings, unconfirmed: Loss[]): void {
  for (const finding of findings.advisory) output.warn(describe(finding));
  for (const { rule, resource } of findings.remediated) output.line(`  ${resource}: ${rule} corrects it`);
  const rules = [...new Set(findings.waiting.map(({ rule }) => rule))];
  if (rules.length > 0)
    output.line(output.colors.dim(`  the update decides, before it touches them: ${rules.join(", ")}`));
  for (const loss of findings.losses)
    if (!unconfirmed.includes(loss)) output.warn(`${describeLoss(loss)} (confirmed)`);
}

const describe = ({ rule, resource, message }: Finding): string =>
  `${rule}: ${resource}: ${message.replace(/^[^\n]*\n/, "")}`;

const lines = (findings: readonly Finding[]): string => [...new Set(findings.map(describe))].join("\n");

function describeLoss({ resource, operation, because, holds }: Loss): string {
  const why = because.length > 0 ? ` because of ${because.join(", ")}` : "";
  return `${resource} would be ${operation}${why}, and with it ${holds}.`;
}

function asJson(environment: string, findings: PolicyFindings): Record<string, unknown> {
  const { mandatory, advisory, notRun, waiting, remediated, losses } = findings;
  return { environment, findings: [...mandatory, ...advisory], notRun, waiting, remediated, losses };
}
