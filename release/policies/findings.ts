/** What a preview with the policy pack has shown, from the engine's events. */
import type { EngineEvent } from "@pulumi/pulumi/automation";
import { WAITING } from "../../policies/catalogue";
import { type Change, plannedChange } from "../engine/changes";
import { type Loss, plannedLoss } from "../engine/losses";
import { plain } from "../engine/progress";
import { kindOf, parseUrn } from "../engine/urn";

export interface Finding {
  rule: string;
  /** As a person says it: `bucket web-access-logs`. */
  resource: string;
  urn: string;
  level: string;
  message: string;
}

/** Takes the events of one preview. */
export class PolicyFindings {
  readonly mandatory: Finding[] = [];
  readonly advisory: Finding[] = [];
  /** Rules that met a value which the preview does not know, and have not judged. */
  readonly notRun: Finding[] = [];
  /** Rules that the update decides, before it touches the resource. */
  readonly waiting: Finding[] = [];
  readonly remediated: Finding[] = [];
  readonly losses: Loss[] = [];
  readonly changes: Change[] = [];

  take(event: EngineEvent): void {
    if (event.policyEvent) this.policy(event.policyEvent);
    const { policyRemediationEvent: remediation } = event as { policyRemediationEvent?: RemediationEvent };
    if (remediation) {
      const { policyName: rule, resourceUrn = "" } = remediation;
      this.remediated.push({
        rule,
        urn: resourceUrn,
        resource: nameOf(resourceUrn),
        level: "remediate",
        message: "corrected",
      });
    }
    const change = plannedChange(event);
    if (change) this.changes.push(change);
    const loss = plannedLoss(event);
    if (loss) this.losses.push(loss);
  }

  private policy({
    policyName,
    resourceUrn,
    message,
    enforcementLevel,
  }: NonNullable<EngineEvent["policyEvent"]>): void {
    const urn = resourceUrn ?? "";
    const text = plain(message).trim();
    const finding: Finding = {
      rule: policyName,
      urn,
      resource: nameOf(urn),
      level: enforcementLevel,
      message: text,
    };
    if (/^can't run (policy|remediation) '/.test(text)) this.notRun.push(finding);
    else if (text.includes(WAITING)) this.waiting.push(finding);
    else if (finding.level === "advisory") this.advisory.push(finding);
    else this.mandatory.push(finding);
  }
}

interface RemediationEvent {
  policyName: string;
  resourceUrn?: string;
}

function nameOf(urn: string): string {
  if (!urn) return "the environment";
  const { type, name } = parseUrn(urn);
  return type === "pulumi:pulumi:Stack" ? "the environment" : `${kindOf(type)} ${name}`;
}
