/** The parts of a Pulumi URN that a person recognises. */
export interface UrnParts {
  /** Type token of the resource itself, without its parents'. */
  type: string;
  name: string;
}

export function parseUrn(urn: string): UrnParts {
  const [, , chain = "", ...name] = urn.split("::");
  return { type: chain.split("$").at(-1) ?? "", name: name.join("::") };
}

/** Words that camel case takes apart wrongly, or that AWS users know by another name. */
const NAMES: Record<string, string> = {
  Vpc: "VPC",
  LaunchTemplate: "launch template",
  "autoscaling/group:Group": "Auto Scaling group",
  "cloudwatch/logGroup:LogGroup": "log group",
  "s3/bucketObjectv2:BucketObjectv2": "artifact",
};

/** `load balancer` for `aws:lb/loadBalancer:LoadBalancer`. */
export function kindOf(type: string): string {
  const [, module = "", word = type] = type.split(":");
  const known = NAMES[`${module}:${word}`] ?? NAMES[word];
  if (known) return known;
  return word
    .replace(/[Vv]\d$/, "")
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase();
}
