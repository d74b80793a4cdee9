/** What a change would take away for good: resources that hold data, or an address that others name. */
import type { EngineEvent } from "@pulumi/pulumi/automation";
import { kindOf as ruleKindOf } from "../../policies/catalogue";
import { type CommandError, turnedAway } from "../errors";
import { count } from "../output";
import { kindOf, parseUrn } from "./urn";

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
  "rds/globalCluster": "a database",
  "dynamodb/table": "a table and what is in it",
  "efs/fileSystem": "files",
  "fsx/lustreFileSystem": "files",
  "fsx/ontapFileSystem": "files",
  "fsx/openZfsFileSystem": "files",
  "fsx/windowsFileSystem": "files",
  "s3/bucket": "files",
  "elasticache/replicationGroup": "sessions",
  "elasticache/serverlessCache": "sessions",
  "opensearch/domain": "logs",
  "opensearch/serverlessCollection": "logs",
  "cloudwatch/logGroup": "logs",
  "sqs/queue": "messages that nobody has read yet",
  "ebs/volume": "a disk",
  "ebs/snapshot": "a copy of a disk",
  "rds/snapshot": "a copy of a database",
  "rds/clusterSnapshot": "a copy of a database",
  "ecr/repository": "images",
  "kms/key": "the key to what is encrypted with it",
  "backup/vault": "backups",
  "secretsmanager/secret": "a secret",
  "ec2/vpnConnection": "the tunnels' addresses and keys, which the office's device names",
  "ec2/customerGateway": "the VPN's other end",
  "ec2transitgateway/transitGateway": "the hub that other networks are joined to",
  "ec2/eip": "an address that others may name",
  "globalaccelerator/accelerator": "addresses that others may name",
  "lb/loadBalancer": "the address that DNS names",
  "route53/zone": "the names in it",
  "ec2/vpc": "the network and everything in it",
};

/** The loss that an event of a preview announces. */
export function plannedLoss({ resourcePreEvent }: EngineEvent): Loss | undefined {
  if (!resourcePreEvent) return undefined;
  const { op, urn, diffs = [], keys = [] } = resourcePreEvent.metadata;
  const operation = op === "replace" ? "replaced" : op === "delete" ? "deleted" : undefined;
  const { type, name } = parseUrn(urn);
  const holds = HOLDERS[ruleKindOf(type)];
  if (!operation || !holds) return undefined;
  // The engine names them in any order; a comment that is renewed is to stay as it was.
  const because = operation === "replaced" ? [...(keys.length > 0 ? keys : diffs)].sort() : [];
  return { name, urn, resource: `${kindOf(type)} ${name}`, operation, because, holds };
}

/** Losses that nobody has confirmed, as `db`, or as `prod/db` where several environments are asked about. */
export function unconfirmed(
  environment: string,
  losses: readonly Loss[],
  confirmed: readonly string[],
): Loss[] {
  return losses.filter(
    ({ name }) => !confirmed.includes(name) && !confirmed.includes(`${environment}/${name}`),
  );
}

/** The refusal of what nobody has confirmed; nothing where there is nothing to refuse. */
export function refuseLosses(losses: readonly Loss[]): CommandError | undefined {
  if (losses.length === 0) return undefined;
  const names = losses.map(({ name }) => `--confirm ${name}`).join(" ");
  return turnedAway(
    "loss",
    `${count(losses.length, "resource")} that cannot be had back would go:\n${losses.map(describeLoss).join("\n")}`,
    `If that is meant: ${names}`,
  );
}

export function describeLoss({ resource, operation, because, holds }: Loss): string {
  const why = because.length > 0 ? ` because of ${because.join(", ")}` : "";
  return `${resource} would be ${operation}${why}, and with it ${holds}.`;
}
