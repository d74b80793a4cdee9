/** What other tools check of the same, and which of it this pack answers. */
import { rules } from "./rules";

export interface Counterpart {
  what: string;
  owns(id: string): boolean;
  /** Their checks that have no rule here, and why. */
  without: { ids: readonly string[]; reason: string }[];
}

const FAMILIES =
  "checks on the list that the pack was made from: what concerns the resources Retrofit builds with";

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

export const COUNTERPARTS: Record<string, Counterpart> = {
  Checkov: CHECKOV,
  "cdk-nag": { what: FAMILIES, owns: (id) => /^(AwsSolutions|NIST|PCI)-/.test(id), without: [] },
  FSBP: {
    what: FAMILIES,
    owns: (id) => id.startsWith("FSBP."),
    without: [],
  },
  CIS: {
    what: FAMILIES,
    owns: (id) => id.startsWith("CIS."),
    without: [],
  },
  "CIS Docker": {
    what: FAMILIES,
    owns: (id) => id.startsWith("CIS-Docker."),
    without: [],
  },
};

export interface Coverage {
  tool: string;
  what: string;
  known: number;
  answered: number;
}

export function coverage(): Coverage[] {
  const ids = new Set(rules.flatMap((rule) => rule.ids));
  return Object.entries(COUNTERPARTS).map(([tool, { what, owns, without }]) => {
    const answered = [...ids].filter(owns).length;
    return { tool, what, known: answered + without.flatMap(({ ids: left }) => left).length, answered };
  });
}

/** Rules that no other tool has. */
export const alone = (): string[] => rules.filter(({ ids }) => ids.length === 0).map(({ name }) => name);
