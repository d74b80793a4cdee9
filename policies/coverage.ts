/** What other tools check of the same, and which of it this pack answers. */
import { CDK_NAG_IDS, CDK_NAG_SOURCE } from "./cdk-nag";
import { rules } from "./rules";

export interface Counterpart {
  what: string;
  owns(id: string): boolean;
  /** All of its checks for what the pack is about, where there is a list of them. */
  published?: readonly string[];
  /** Their checks that have no rule here, and why. */
  without: { ids: readonly string[]; reason: string }[];
}

/** Compared on the same resources by tests/policies/checkov.test.ts. */
const CHECKOV: Counterpart = {
  what: "checks that it makes of the resources in the examples and in the insecure programs",
  owns: (id) => id.startsWith("CKV"),
  without: [
    {
      ids: [
        ...["CKV_AWS_136", "CKV_AWS_149", "CKV_AWS_184", "CKV_AWS_189", "CKV_AWS_191"],
        ...["CKV_AWS_247", "CKV_AWS_327", "CKV_AWS_337", "CKV_AWS_354"],
      ],
      reason: "a key of the account's own for each service: all of it is encrypted without one",
    },
    { ids: ["CKV_AWS_19"], reason: "S3 encrypts every object, whatever is said" },
    { ids: ["CKV_AWS_135"], reason: "current instance types are optimised for EBS, whatever is said" },
    {
      ids: ["CKV_AWS_118", "CKV_AWS_126", "CKV_AWS_353"],
      reason: "finer metrics, paid by the machine; small database classes have none",
    },
    {
      ids: ["CKV2_AWS_27", "CKV2_AWS_30"],
      reason: "a log of every query keeps what customers typed",
    },
    { ids: ["CKV_AWS_161", "CKV_AWS_162"], reason: "passwords of databases are managed and rotated" },
    { ids: ["CKV_AWS_211", "CKV_AWS_388"], reason: "what AWS gives today where nothing is said is current" },
    { ids: ["CKV2_AWS_8"], reason: "a cluster's backups are held to by database-backups" },
    { ids: ["CKV_AWS_322", "CKV_AWS_323"], reason: "session-store-safe asks for replication groups" },
    {
      ids: ["CKV_AWS_70", "CKV_AWS_93"],
      reason: "bucket-public-access-block turns public policies away; a lock-out is undone by root",
    },
    { ids: ["CKV2_AWS_62"], reason: "what a new object is to set off is the application's to say" },
    {
      ids: ["CKV2_AWS_64", "CKV_AWS_227"],
      reason: "a key without a policy is governed by IAM; one that is off is noticed",
    },
    {
      ids: ["CKV_AWS_304"],
      reason: "secrets-kept-as-secrets asks for rotation; how often is the owner's to say",
    },
    {
      ids: ["CKV2_AWS_5"],
      reason: "a group that nothing uses opens nothing, and may be used from elsewhere",
    },
    { ids: ["CKV2_AWS_35", "CKV2_AWS_44"], reason: "routes of a network are its address plan's" },
    { ids: ["CKV_AWS_152"], reason: "for Network Load Balancers, which cannot carry a release over" },
    { ids: ["CKV2_AWS_76"], reason: "which rules a firewall has is its owner's to say" },
    { ids: ["CKV_AWS_319"], reason: "an alarm's actions are for people; gates read the alarm itself" },
  ],
};

/** Compared by id: it checks CloudFormation, so the same resources cannot be given to it. */
const CDK_NAG: Counterpart = {
  what: `rules of its pack AwsSolutions for the services here, as published in ${CDK_NAG_SOURCE}`,
  owns: (id) => id.startsWith("AwsSolutions-"),
  published: CDK_NAG_IDS,
  without: [
    {
      ids: nag("EC28", "ECS4"),
      reason: "finer metrics, paid by the machine and by the container",
    },
    {
      ids: nag("ECS2"),
      reason: "plain settings of a container are no secrets; those have a key of their own",
    },
    {
      ids: nag("ECS7"),
      reason:
        "what the containers of a cluster log is the cluster's to say: the pack's rules are for Docker hosts",
    },
    {
      ids: nag("ELB1", "ELB3", "ELB4", "ELB5"),
      reason: "Classic Load Balancers, which cannot carry a release over",
    },
    { ids: nag("S5"), reason: "bucket-public-access-block leaves no bucket that could be a website" },
    { ids: nag("RDS6"), reason: "passwords of databases are managed and rotated" },
    { ids: nag("RDS8"), reason: "groups for databases outside of a VPC, where none can be made any more" },
    {
      ids: nag("RDS11", "AEC5"),
      reason: "another port hides nothing; who reaches it is the security group's to say",
    },
    { ids: nag("RDS14", "RDS16"), reason: "for Aurora MySQL; the databases here are PostgreSQL" },
    { ids: nag("AEC1"), reason: "AWS makes none outside of a VPC any more" },
    {
      ids: nag("VPC3"),
      reason: "network ACLs are the second line here: made from the address plan, not by hand",
    },
    { ids: nag("AS1"), reason: "a group has 300 seconds where nothing is said; its policies say their own" },
    { ids: nag("AS3"), reason: "machines come and go with the load: alarms are for what is wrong" },
    { ids: nag("OS3"), reason: "a domain in a VPC takes no rules by address: security groups do that" },
    {
      ids: nag("IAM4"),
      reason: "AWS keeps its own policies current; wildcards are looked for in the others",
    },
    {
      ids: nag("SQS2"),
      reason: "SQS encrypts every message, whatever is said",
    },
    { ids: nag("SQS3"), reason: "which queue needs dead letters is the application's to say" },
    {
      ids: nag("SQS4", "SNS3"),
      reason: "nothing but the SDKs writes to queues and topics, and they speak TLS",
    },
    { ids: nag("L1"), reason: "AWS says itself when a function's runtime ends; a newer one is a release" },
  ],
};

function nag(...rules: string[]): string[] {
  return rules.map((rule) => `AwsSolutions-${rule}`);
}

/** Named where a rule answers them; nobody has gone through the whole of these. */
const named = (start: RegExp): Counterpart => ({
  what: "answered by a rule; not compared as a whole",
  owns: (id) => start.test(id),
  without: [],
});

export const COUNTERPARTS: Record<string, Counterpart> = {
  Checkov: CHECKOV,
  "cdk-nag": CDK_NAG,
  FSBP: named(/^FSBP\./),
  CIS: named(/^CIS\./),
  "CIS Docker": named(/^CIS-Docker\./),
  "NIST, PCI": named(/^(NIST|PCI)-/),
  "AWS Config": named(/^(Config|AWSGuard)\./),
};

export interface Coverage {
  tool: string;
  what: string;
  /** Checks that it has; none where it was not compared as a whole. */
  known?: number;
  answered: number;
}

export function coverage(): Coverage[] {
  const ids = new Set(rules.flatMap((rule) => rule.ids));
  return Object.entries(COUNTERPARTS).map(([tool, { what, owns, published, without }]) => {
    const answered = [...ids].filter(owns).length;
    const left = without.flatMap(({ ids }) => ids).length;
    const known = published?.length ?? (left > 0 ? answered + left : undefined);
    return { tool, what, ...(known !== undefined && { known }), answered };
  });
}

/** Rules that no other tool has. */
export const alone = (): string[] => rules.filter(({ ids }) => ids.length === 0).map(({ name }) => name);
