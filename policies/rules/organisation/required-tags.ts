import { type Bag, resourceRule, type Subject } from "../../rule";
import { isTrue, list, raw } from "../../values";

/** What costs money or holds data, and can carry tags. */
const TAGGED = [
  "ec2/vpc",
  "ec2/instance",
  "ebs/volume",
  "ec2/natGateway",
  "ec2/vpnConnection",
  "lb/loadBalancer",
  "s3/bucket",
  "efs/fileSystem",
  "rds/instance",
  "rds/cluster",
  "elasticache/replicationGroup",
  "opensearch/domain",
  "cloudwatch/logGroup",
  "ecr/repository",
  "secretsmanager/secret",
  "kms/key",
];

export const rule = resourceRule({
  name: "required-tags",
  title: "What costs money or holds data says whose it is.",
  severity: "low",
  ids: ["CKV_AWS_153", "Config.required-tags"],
  why: "A bill that cannot be divided is nobody's, and what nobody owns is never removed.",
  fix: "Set the provider's defaultTags; an Auto Scaling group needs its own, with propagateAtLaunch.",
  kinds: [...TAGGED, "autoscaling/group"],
  parameters: { tags: { type: "array", items: { type: "string" } } },
  check: (subject, report, { settings }) => {
    const required: string[] = settings.tags ?? [];
    const missing = required.filter((tag) => !tagsOf(subject).includes(tag));
    if (missing.length > 0) report(`Missing: ${missing.join(", ")}.`);
  },
});

function tagsOf({ kind, props, provider }: Subject): string[] {
  if (kind === "autoscaling/group") {
    // Default tags of the provider do not reach what a group starts.
    return list(props.tags)
      .filter(({ propagateAtLaunch }) => isTrue(propagateAtLaunch))
      .map(({ key }) => String(key));
  }
  return [
    ...Object.keys(raw(props).tags ?? {}),
    ...Object.keys(raw(props).tagsAll ?? {}),
    ...defaultTags(provider),
  ];
}

/** Settings of a provider are JSON text. */
function defaultTags(provider: Bag | undefined): string[] {
  const given = provider && raw(provider).defaultTags;
  const { tags = {} } = (typeof given === "string" ? JSON.parse(given) : (given ?? {})) as { tags?: Bag };
  return Object.keys(tags);
}
