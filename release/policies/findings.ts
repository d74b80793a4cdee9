/** What a preview with the policy pack has shown, from the engine's events. */
import type { EngineEvent } from "@pulumi/pulumi/automation";
import { kindOf as ruleKindOf, WAITING } from "../../policies/catalogue";
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

/** A resource that a change would replace or delete, and with it what it holds. */
export interface Loss {
  name: string;
  resource: string;
  urn: string;
  operation: "replaced" | "deleted";
  /** Properties that make it necessary. */
  because: string[];
  holds: string;
}

/** What cannot be had back: by kind, what is lost. */
const HOLDERS: Record<string, string> = {
  "rds/instance": "a database",
  "rds/cluster": "a database",
  "efs/fileSystem": "files",
  "s3/bucket": "files",
  "elasticache/replicationGroup": "sessions",
  "opensearch/domain": "logs",
  "cloudwatch/logGroup": "logs",
  "ebs/volume": "a disk",
  "ecr/repository": "images",
  "kms/key": "the key to what is encrypted with it",
  "backup/vault": "backups",
  "secretsmanager/secret": "a secret",
  "ec2/vpnConnection": "the tunnels' addresses and keys, which the office's device names",
  "ec2/customerGateway": "the VPN's other end",
  "ec2/eip": "an address that others may name",
  "lb/loadBalancer": "the address that DNS names",
  "ec2/vpc": "the network and everything in it",
};

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
    if (event.resourcePreEvent) this.step(event.resourcePreEvent.metadata);
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

  private step({
    op,
    urn,
    diffs = [],
    keys = [],
  }: NonNullable<EngineEvent["resourcePreEvent"]>["metadata"]): void {
    const operation = op === "replace" ? "replaced" : op === "delete" ? "deleted" : undefined;
    const { type, name } = parseUrn(urn);
    const holds = HOLDERS[ruleKindOf(type)];
    if (!operation || !holds) return;
    const because = operation === "replaced" ? (keys.length > 0 ? keys : diffs) : [];
    this.losses.push({ name, urn, resource: nameOf(urn), operation, because, holds });
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
