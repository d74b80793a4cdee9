import type { Severity } from "@pulumi/policy";
import type { StackView } from "./stack-view";

/** Inputs or outputs of a resource, as the engine passes them. Touching a value that a preview does not know throws. */
// biome-ignore lint/suspicious/noExplicitAny: what the engine passes has no type of its own
export type Bag = Record<string, any>;

export type Level = "advisory" | "mandatory" | "remediate" | "disabled";

/** A resource as a rule sees it. */
export interface Subject {
  urn: string;
  name: string;
  /** `ec2/vpc` for `aws:ec2/vpc:Vpc`, `docker/container` for `docker:index/container:Container`. */
  kind: string;
  /** Inputs in a resource rule, outputs in a stack rule. */
  props: Bag;
  /** The engine refuses to delete it. */
  protect: boolean;
  /** Settings of its provider; undefined where the engine does not tell. */
  provider?: Bag;
  /** Stack rules only: URNs of the resources that a property came from. */
  dependencies: Record<string, string[]>;
}

/** What a rule knows about the environment, besides the resources. */
export interface Facts {
  /** Name of the stack. */
  environment: string;
  /** Prod-like: what must never be lost or open is held to more. */
  protected: boolean;
  /** The rule's own parameters, from its configuration. */
  settings: Bag;
}

export interface RuleInfo {
  /** Unique, stable: configuration and exceptions name it. */
  name: string;
  /** What holds where the rule is kept, as one sentence. */
  title: string;
  severity: Severity;
  /**
   * What others call it: `CKV_…` (Checkov), `AwsSolutions-…` and `NIST-…` (cdk-nag), `FSBP.…` (AWS Foundational Security
   * Best Practices), `CIS.…` (CIS AWS Foundations 5.0), `CIS-Docker.…`.
   */
  ids: readonly string[];
  why: string;
  fix: string;
  /** Where nothing is configured. Default `mandatory`. */
  level?: "mandatory" | "advisory" | "disabled";
  /** The rule says nothing outside of prod-like environments. */
  only?: "protected";
  /**
   * Why a value may be unknown in a preview that creates it. The rule is then decided by the update, before the resource
   * is touched; without this, a rule that meets such a value counts as one that could not run.
   */
  waits?: string;
  /** Parameters by name, as JSON schema; all of them have a default in the rule. */
  parameters?: Bag;
}

export interface ResourceRule extends RuleInfo {
  kinds: readonly string[];
  check(subject: Subject, report: (message: string) => void, facts: Facts): void;
  /** Corrects the inputs where that is safe; used where the level is `remediate`. Answers nothing when all is well. */
  remedy?(props: Bag, facts: Facts): Bag | undefined;
}

export interface StackRule extends RuleInfo {
  /** Resources that findings are about; the rule does not run where there are none. */
  kinds: readonly string[];
  checkStack(stack: StackView, report: (subject: Subject, message: string) => void, facts: Facts): void;
}

export type Rule = ResourceRule | StackRule;

export const resourceRule = (rule: ResourceRule): ResourceRule => rule;
export const stackRule = (rule: StackRule): StackRule => rule;

export const isStackRule = (rule: Rule): rule is StackRule => "checkStack" in rule;
