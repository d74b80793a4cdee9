/** What other tools check of the same, and which of it this pack answers. */
import { rules } from "./rules";

export interface Counterpart {
  what: string;
  owns(id: string): boolean;
  /** Their checks that have no rule here, and why. */
  without: { id: string; reason: string }[];
}

const FAMILIES =
  "checks on the list that the pack was made from: what concerns the resources Retrofit builds with";

export const COUNTERPARTS: Record<string, Counterpart> = {
  Checkov: {
    what: FAMILIES,
    owns: (id) => id.startsWith("CKV"),
    without: [
      { id: "CKV_AWS_353", reason: "Performance Insights: small classes have none" },
      { id: "CKV_AWS_184", reason: "a key of one's own for file systems: they are encrypted anyway" },
    ],
  },
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
    return { tool, what, known: answered + without.length, answered };
  });
}

/** Rules that no other tool has. */
export const alone = (): string[] => rules.filter(({ ids }) => ids.length === 0).map(({ name }) => name);
