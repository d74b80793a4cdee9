/** The check of one environment: a preview with the policy pack, and what is to be said of it. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EngineEvent } from "@pulumi/pulumi/automation";
import type { EnvironmentConfig } from "../../stacks/config/types";
import { machinesInBudget } from "../../stacks/prices";
import type { Context } from "../context";
import { readCosts } from "../cost/costs";
import { type OpenStack, openStackToLook } from "../engine/engine";
import { explainFailure } from "../engine/failures";
import { type Loss, refuseLosses, unconfirmed } from "../engine/losses";
import { EngineProgress } from "../engine/progress";
import { asCommandError, CommandError, ExitCode, turnedAway } from "../errors";
import { count } from "../output";
import { packageRoot } from "../package-root";
import { packConfiguration } from "../policies/configuration";
import { type Finding, PolicyFindings } from "../policies/findings";
import { imagesOf, type KnownImage, lookUpImages } from "../policies/images";
import type { Project } from "../project";
import { resourcesIn } from "../recovery/state";
import { loadEnvironment } from "../settings";
import type { CostOfChange } from "./cost-lines";

export interface JudgeOptions {
  /** Also fail where a rule has to wait for the update to decide it. */
  strict?: boolean;
  /** Names of resources that may be replaced or deleted although they hold something. */
  confirm?: readonly string[];
  /** Commit where the change began, for what it costs more. */
  begin?: string;
}

export interface CheckedEnvironment {
  environment: string;
  /** None where the preview could not be made; `refusal` says why. */
  findings?: PolicyFindings;
  unconfirmed: Loss[];
  refusal?: CommandError;
  costs?: CostOfChange;
}

/** Never rejects, unless the person has asked to stop: what is wrong is the refusal. */
export async function checkEnvironment(
  context: Context,
  project: Project,
  environment: string,
  options: JudgeOptions,
): Promise<CheckedEnvironment> {
  try {
    const config = loadEnvironment(project, environment);
    const stack = await openStackToLook(project, environment);
    const configuration = packConfiguration(config, {
      machinesInBudget: await machinesInBudget(config),
      images: await imagesIn(config, stack),
    });
    const findings = await previewWithPolicies(context, stack, configuration);
    const losses = unconfirmed(environment, findings.losses, options.confirm ?? []);
    const refusal = judge(findings, losses, options);
    const costs = await readCosts(project, environment, options.begin);
    return { environment, findings, unconfirmed: losses, ...(refusal && { refusal }), costs };
  } catch (error) {
    if (context.interrupts.requested) throw error;
    return { environment, unconfirmed: [], refusal: asCommandError(error) };
  }
}

/** Looked up only where the file says what they may be. */
async function imagesIn(
  config: EnvironmentConfig,
  { stack, guarded }: OpenStack,
): Promise<KnownImage[] | undefined> {
  if (!config.policies?.images) return undefined;
  const state = await guarded(() => stack.exportStack());
  return lookUpImages(config.region, imagesOf(config, resourcesIn(state)));
}

/** The verdict as an error, or nothing. Pure, so that its order can be tested: a rule that did not run outweighs all. */
export function judge(
  { notRun, waiting, mandatory }: Pick<PolicyFindings, "notRun" | "waiting" | "mandatory">,
  losses: readonly Loss[],
  { strict }: JudgeOptions,
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
  return refuseLosses(losses);
}

/** Runs the preview and gathers what the pack says. A finding does not end it; whatever else goes wrong does. */
async function previewWithPolicies(
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

const lines = (findings: readonly Finding[]): string =>
  [...new Set(findings.map(describeFinding))].join("\n");

export const describeFinding = (finding: Finding): string =>
  `${finding.rule}: ${finding.resource}: ${messageOf(finding)}`;

/** Without the rule's title, which the engine puts on the first line. */
export const messageOf = ({ message }: Finding): string => message.replace(/^[^\n]*\n/, "");
