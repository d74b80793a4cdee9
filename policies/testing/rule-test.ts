/** Examples of a rule, tested in a moment here and once more on the real engine (tests/policies). */
import { type Bag, isStackRule, type Rule, type Subject } from "../rule";
import { UnknownValueError, unknownCheckingProxy } from "../sdk-proxy";
import { StackView } from "../stack-view";
import { UNKNOWN_TEXT } from "../values";

/** A resource of an example. */
export interface Sample {
  kind: string;
  name: string;
  props: Bag;
  protect?: boolean;
}

export interface Examples {
  /** Each breaks the rule; by what a user would have done wrong. */
  violating: Record<string, Sample[]>;
  compliant: Record<string, Sample[]>;
  /** The rule's parameters in all of them. */
  settings?: Bag;
}

export interface RuleExamples extends Examples {
  rule: Rule;
}

/** A value that another resource of the same example gives; unknown in a preview. */
export class Reference {
  constructor(
    readonly to: string,
    readonly property: string,
  ) {}
}

export const ref = (to: string, property = "id") => new Reference(to, property);

export function sample(kind: string, name: string, props: Bag = {}, protect = false): Sample {
  return { kind, name, props, protect };
}

/** Also loaded by the engine's test and its program, for the examples alone. */
export function ruleTest(rule: Rule, examples: Examples): RuleExamples {
  if (typeof describe === "function" && process.env.RETROFIT_EXAMPLES !== "only") register(rule, examples);
  return { rule, ...examples };
}

function register(rule: Rule, { violating, compliant, settings = {} }: Examples): void {
  const find = (samples: Sample[]) => findings(rule, samples, settings);
  describe(rule.name, () => {
    test.each(Object.entries(violating))("finds: %s", (_, samples) => {
      expect(find(samples).length).toBeGreaterThan(0);
    });
    test.each(Object.entries(compliant))("leaves alone: %s", (_, samples) => {
      expect(find(samples)).toEqual([]);
    });
    test("gives way to values that a preview does not know, and to nothing else", () => {
      for (const samples of Object.values({ ...violating, ...compliant })) {
        for (const vague of vagueVersions(samples)) {
          try {
            find(vague);
          } catch (error) {
            if (!(error instanceof UnknownValueError)) throw error;
          }
        }
      }
    });
  });
}

/** What a rule says about resources, passed in the proxies in which the SDK passes them. */
export function findings(
  rule: Rule,
  samples: readonly Sample[],
  settings: Bag = {},
  environment = "prod",
): string[] {
  const facts = { environment, protected: settings.protected ?? true, settings };
  const told: string[] = [];
  const subjects = samples.map(asSubject);
  if (isStackRule(rule)) {
    rule.checkStack(new StackView(subjects), ({ name }, message) => told.push(`${name}: ${message}`), facts);
    return told;
  }
  for (const subject of subjects.filter(({ kind }) => rule.kinds.includes(kind))) {
    rule.check(subject, (message) => told.push(`${subject.name}: ${message}`), facts);
  }
  return told;
}

const urnOf = ({ name }: Pick<Sample, "name">) => `urn:pulumi:prod::test::aws:x/y:Y::${name}`;

function asSubject(one: Sample): Subject {
  const dependencies: Record<string, string[]> = {};
  for (const [key, value] of Object.entries(one.props)) {
    const to = referencesIn(value);
    if (to.length > 0) dependencies[key] = to.map((name) => urnOf({ name }));
  }
  const props = unknownCheckingProxy({ ...(resolved(one.props) as Bag) }) as Bag;
  return {
    urn: urnOf(one),
    name: one.name,
    kind: one.kind,
    props,
    protect: one.protect === true,
    dependencies,
  };
}

function referencesIn(value: unknown): string[] {
  if (value instanceof Reference) return [value.to];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(referencesIn);
}

function resolved(value: unknown): unknown {
  if (value instanceof Reference) return UNKNOWN_TEXT;
  if (Array.isArray(value)) return value.map(resolved);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, resolved(child)]));
}

/** Each property of each resource unknown in turn. */
function vagueVersions(samples: Sample[]): Sample[][] {
  return samples.flatMap((one, i) =>
    Object.keys(one.props).map((key) =>
      samples.map((other, j) => (i === j ? { ...one, props: { ...one.props, [key]: UNKNOWN_TEXT } } : other)),
    ),
  );
}
