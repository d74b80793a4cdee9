/** Physical names, where the bridge does not give them: it names only what has a property `name`. */
import { randomBytes } from "node:crypto";
import type { Properties } from "./struct";

interface AutoName {
  /** The property, in the SDK's words. */
  property: string;
  /** For names that may not have capitals. */
  lower?: true;
  prefix?: string;
  /** A property that makes Terraform generate the name. */
  unless?: string;
  /** The name is the resource's own, without a random end. */
  exact?: true;
}

/** By the SDK's path; the types that the official plugin names too. */
const AUTO_NAMES: Record<string, AutoName> = {
  "cloudwatch/logResourcePolicy": { property: "policyName" },
  "cloudwatch/metricAlarm": { property: "name" },
  "codedeploy/deploymentConfig": { property: "deploymentConfigName" },
  "elasticache/cluster": { property: "clusterId", lower: true },
  "elasticache/replicationGroup": { property: "replicationGroupId", lower: true },
  "elasticsearch/domain": { property: "domainName", lower: true },
  "kms/alias": { property: "name", prefix: "alias/", unless: "namePrefix" },
  "lambda/function": { property: "name" },
  "mq/broker": { property: "brokerName" },
  "msk/cluster": { property: "clusterName" },
  "opensearch/domain": { property: "domainName", lower: true },
  "rds/cluster": { property: "clusterIdentifier", lower: true, unless: "clusterIdentifierPrefix" },
  "rds/clusterInstance": { property: "identifier", lower: true, unless: "identifierPrefix" },
  "rds/instance": { property: "identifier", lower: true, unless: "identifierPrefix" },
  "s3/bucket": { property: "bucket", lower: true, unless: "bucketPrefix" },
  "s3/bucketObject": { property: "key", exact: true },
  "s3/bucketObjectv2": { property: "key", exact: true },
};

export interface Naming {
  /** The SDK's path of the type, `s3/bucket`. */
  path: string;
  /** The resource's logical name. */
  name: string;
  /** From the engine, the same for a preview and the update after it. */
  seed: Buffer;
  /** The inputs of the resource as it is now; absent for a new one and for a replacement. */
  before?: Properties;
}

const RANDOM_DIGITS = 7;

function random(seed: Buffer): string {
  const bytes = seed.length > 0 ? seed : randomBytes(RANDOM_DIGITS);
  return bytes.toString("hex").slice(0, RANDOM_DIGITS);
}

/**
 * Adds the physical name that the program left out, and turns `namePrefix` into a name: the bridge would add a name of
 * its own beside it, which the Terraform provider refuses.
 */
export function withName(inputs: Properties, naming: Naming): Properties {
  const prefix = inputs.namePrefix;
  if (typeof prefix === "string" && inputs.name === undefined) {
    const { namePrefix: _, ...rest } = inputs;
    const kept = naming.before?.name;
    const known = typeof kept === "string" && kept.startsWith(prefix);
    return { ...rest, name: known ? kept : prefix + random(naming.seed) };
  }
  const auto = AUTO_NAMES[naming.path];
  if (!auto || inputs[auto.property] !== undefined) return inputs;
  if (auto.unless && inputs[auto.unless] !== undefined) return inputs;
  const kept = naming.before?.[auto.property];
  if (kept !== undefined) return { ...inputs, [auto.property]: kept };
  const base = (auto.prefix ?? "") + (auto.lower ? naming.name.toLowerCase() : naming.name);
  return { ...inputs, [auto.property]: auto.exact ? base : `${base}-${random(naming.seed)}` };
}
