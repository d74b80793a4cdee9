/** Policy documents of IAM and of resources, as text or as objects. */
import type { Bag } from "../../rule";
import { list } from "../../values";

export interface Statement {
  effect: string;
  actions: string[];
  notActions: string[];
  resources: string[];
  principals: string[];
  condition: Bag;
}

/** Statements of a document; none where there is no document or it is no JSON. */
export function statements(document: unknown): Statement[] {
  return list<Bag>(parsed(document)?.Statement).map((statement) => ({
    effect: String(statement.Effect ?? ""),
    actions: list<string>(statement.Action),
    notActions: list<string>(statement.NotAction),
    resources: list<string>(statement.Resource),
    principals: principalsOf(statement.Principal),
    condition: statement.Condition ?? {},
  }));
}

export const allowed = (document: unknown): Statement[] =>
  statements(document).filter(({ effect }) => effect === "Allow");

function parsed(document: unknown): Bag | undefined {
  if (typeof document !== "string") return document as Bag | undefined;
  try {
    return JSON.parse(document) as Bag;
  } catch {
    return undefined;
  }
}

function principalsOf(principal: unknown): string[] {
  if (typeof principal === "string") return [principal];
  if (typeof principal !== "object" || principal === null) return [];
  return Object.values(principal).flatMap((value) => list<string>(value));
}

/** The document turns away whoever comes without TLS. */
export function refusesPlainText(document: unknown): boolean {
  return statements(document).some(
    ({ effect, principals, condition }) =>
      effect === "Deny" &&
      principals.includes("*") &&
      String(condition.Bool?.["aws:SecureTransport"]) === "false",
  );
}

/** Kinds that carry what an identity may do, and where. */
export const IDENTITY_POLICIES: Record<string, (props: Bag) => unknown[]> = {
  "iam/policy": (props) => [props.policy],
  "iam/rolePolicy": (props) => [props.policy],
  "iam/userPolicy": (props) => [props.policy],
  "iam/groupPolicy": (props) => [props.policy],
  "iam/role": (props) => list(props.inlinePolicies).map(({ policy }) => policy),
};
