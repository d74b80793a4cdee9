/** From our rules to the policies of the SDK. */
import type {
  PolicyConfigSchema,
  PolicyResource,
  ReportViolation,
  ResourceValidationArgs,
  ResourceValidationPolicy,
  StackValidationArgs,
  StackValidationPolicy,
} from "@pulumi/policy";
import { type Exception, exceptionFor } from "./exceptions";
import { kindOf } from "./kinds";
import type { Bag, Facts, ResourceRule, Rule, RuleInfo, StackRule, Subject } from "./rule";
import { isStackRule } from "./rule";
import { UnknownValueError } from "./sdk-proxy";
import { StackView } from "./stack-view";
import { raw } from "./values";

/** How the message of a rule begins that the update has to decide; `retrofit check` counts them. */
export const WAITING = "decided by the update:";

export function toPolicy(rule: Rule): ResourceValidationPolicy | StackValidationPolicy {
  return isStackRule(rule) ? stackPolicy(rule) : resourcePolicy(rule);
}

function common(rule: RuleInfo) {
  return {
    name: rule.name,
    description: rule.title,
    enforcementLevel: rule.level ?? ("mandatory" as const),
    severity: rule.severity,
    remediationSteps: rule.fix,
    tags: [...rule.ids],
    configSchema: configSchema(rule),
  };
}

function resourcePolicy(rule: ResourceRule): ResourceValidationPolicy {
  const { remedy } = rule;
  return {
    ...common(rule),
    validateResource: (args, report) => {
      const kind = kindOf(args.type);
      if (!rule.kinds.includes(kind)) return;
      const facts = factsOf(args.urn, args.getConfig<Bag>());
      if (rule.only === "protected" && !facts.protected) return;
      const tell = teller(rule, facts, report);
      const subject = subjectOf(args, kind);
      deciding(rule, report, args.urn, () => rule.check(subject, (message) => tell(subject, message), facts));
    },
    ...(remedy && {
      remediateResource: (args: ResourceValidationArgs) => {
        if (!rule.kinds.includes(kindOf(args.type))) return undefined;
        const facts = factsOf(args.urn, args.getConfig<Bag>());
        return remedy(raw(args.props), facts);
      },
    }),
  };
}

function stackPolicy(rule: StackRule): StackValidationPolicy {
  return {
    ...common(rule),
    validateStack: (args: StackValidationArgs, report) => {
      const subjects = args.resources.map((resource) => subjectOf(resource, kindOf(resource.type)));
      const first = subjects.find(({ kind }) => rule.kinds.includes(kind));
      if (!first) return;
      const facts = factsOf(first.urn, args.getConfig<Bag>());
      if (rule.only === "protected" && !facts.protected) return;
      const tell = teller(rule, facts, report);
      deciding(rule, report, first.urn, () => rule.checkStack(new StackView(subjects), tell, facts));
    },
  };
}

/** A value that is not there yet: told apart from a rule that looked where it need not. */
function deciding(rule: RuleInfo, report: ReportViolation, urn: string, check: () => void): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof UnknownValueError) || !rule.waits) throw error;
    const told = { message: `${WAITING} ${rule.waits}`, enforcementLevel: "advisory", urn };
    // The SDK takes an object here, which its types do not tell: the level of this one message differs.
    report(told as unknown as string, urn);
  }
}

function teller(rule: RuleInfo, facts: Facts, report: ReportViolation) {
  return ({ name, urn }: Subject, message: string) => {
    const exception = exceptionFor(facts.settings.exceptions as Exception[] | undefined, name);
    if (exception?.valid) return;
    const lapsed = exception ? ` The exception (${exception.reason}) ended on ${exception.expires}.` : "";
    report(`${message} ${rule.fix}${lapsed}`, urn);
  };
}

function subjectOf(resource: ResourceValidationArgs | PolicyResource, kind: string): Subject {
  const deps = (resource as PolicyResource).propertyDependencies ?? {};
  return {
    urn: resource.urn,
    name: resource.name,
    kind,
    props: resource.props,
    protect: resource.opts.protect,
    ...(resource.provider && { provider: resource.provider.props }),
    dependencies: Object.fromEntries(
      Object.entries(deps).map(([key, from]) => [key, from.map(({ urn }) => urn)]),
    ),
  };
}

/** Environments that are prod-like by their name, where nothing else is configured. */
const PROTECTED = /(^|[-_.])(pre-?prod|prod|production|live)([-_.]|$)/;

function factsOf(urn: string, settings: Bag): Facts {
  const environment = /^urn:pulumi:([^:]*)::/.exec(urn)?.[1] ?? "";
  return { environment, protected: settings.protected ?? PROTECTED.test(environment), settings };
}

function configSchema(rule: RuleInfo): PolicyConfigSchema {
  return {
    properties: {
      protected: { type: "boolean" },
      exceptions: {
        type: "array",
        items: {
          type: "object",
          required: ["resource", "reason", "expires"],
          additionalProperties: false,
          properties: {
            resource: { type: "string", minLength: 1 },
            reason: { type: "string", minLength: 10 },
            expires: { type: "string", pattern: "^\\d{4}-\\d{2}-\\d{2}$" },
          },
        },
      },
      ...rule.parameters,
    },
  };
}
