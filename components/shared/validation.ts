import * as pulumi from "@pulumi/pulumi";

/** One mistake in what a user wrote. */
export interface Problem {
  /** Path of the argument as the user writes it, such as `flowLogs.retentionDays`. */
  property: string;
  /** The value got. Leave it out where the property is missing. */
  got?: unknown;
  /** What is allowed, as it reads after "allowed:". */
  allowed: string;
  /** The change to make, as a sentence. */
  fix: string;
}

/**
 * Collects mistakes so that a user sees all of them at once.
 *
 * @example
 * const problems = new Problems(`Network "${name}"`);
 * problems.require(args.zones <= 6, { property: "zones", got: args.zones, allowed: "1 to 6", fix: "Use 6 or fewer." });
 * problems.throwIfAny(this);
 */
export class Problems {
  private readonly found: Problem[] = [];

  /** @param subject What has the mistakes, such as `Network "main"`. */
  constructor(private readonly subject: string) {}

  get list(): readonly Problem[] {
    return this.found;
  }

  add(...problems: Problem[]): void {
    this.found.push(...problems);
  }

  /** Notes the problem unless `ok`. Returns `ok`, so that checks which need it can follow. */
  require(ok: boolean, problem: Problem): boolean {
    if (!ok) this.found.push(problem);
    return ok;
  }

  /** Throws one error that lists every problem. Pulumi prints a `ResourceError` without a stack trace. */
  throwIfAny(resource: pulumi.Resource): void {
    if (this.found.length > 0) {
      throw new pulumi.ResourceError(renderProblems(this.subject, this.found), resource, true);
    }
  }
}

/** The text of an error: a headline, then two lines for each problem. */
export function renderProblems(subject: string, problems: readonly Problem[]): string {
  const headline =
    problems.length === 1 ? `${subject} has a mistake:` : `${subject} has ${problems.length} mistakes:`;
  const lines = problems.flatMap(({ property, got, allowed, fix }) => [
    `  ${property}: ${got === undefined ? "missing" : `got ${show(got)}`}; allowed: ${allowed}`,
    `    → ${fix}`,
  ]);
  return [headline, ...lines].join("\n");
}

/** True for a value that is here now, so that it can be checked before anything is made. */
export function isPlain<T>(value: pulumi.Input<T> | undefined): value is T {
  return value !== undefined && !pulumi.Output.isInstance(value) && !(value instanceof Promise);
}

function show(value: unknown): string {
  if (pulumi.Output.isInstance(value)) return "an Output";
  // JSON writes NaN and Infinity as null, which would hide what is wrong.
  if (typeof value === "number") return String(value);
  return JSON.stringify(value) ?? String(value);
}
