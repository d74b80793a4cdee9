import { type Classification, classify } from "./classify";
import { compareVersions, type MigrationSet } from "./reader";
import {
  type ChangeClass,
  type Finding,
  isWorse,
  type JudgedMigration,
  type MigrationFile,
  worst,
} from "./types";

/** One row of the history in the database. */
export interface AppliedMigration {
  readonly script: string;
  /** Undefined for a repeatable migration. */
  readonly version?: string;
  readonly checksum: number;
  /** False for one that failed outside a transaction and may be half applied. */
  readonly success: boolean;
}

/** What the database says of itself. */
export interface History {
  readonly applied: readonly AppliedMigration[];
  /** Version up to which the database was like that before the first migration of the history. */
  readonly baseline?: string;
  /** True where there is neither a history nor anything else: a database that was just created. */
  readonly empty: boolean;
}

export interface Refusal {
  readonly file?: string;
  readonly line?: number;
  readonly message: string;
  /** The change to make. */
  readonly fix: string;
}

/** What would be done, and whether it may be. */
export interface Plan {
  readonly declared: ChangeClass;
  /** Worst class of what is pending. */
  readonly class: ChangeClass;
  readonly pending: readonly JudgedMigration[];
  /** Number of migrations of the artifact that are applied already. */
  readonly applied: number;
  /** Applied ones that the artifact does not have: those of a newer release, after a rollback. */
  readonly unknown: readonly string[];
  /** Not empty: nothing may be done. */
  readonly refusals: readonly Refusal[];
}

/**
 * Compares the word of a release with what its pending migrations really do.
 *
 * An applied migration that the artifact lacks is no mistake: a release older than the schema must start again after
 * a rollback. One that was edited is, and so is a new one with a version below the newest applied.
 */
export async function decide(declared: ChangeClass, set: MigrationSet, history: History): Promise<Plan> {
  const refusals: Refusal[] = set.problems.map(({ message, ...problem }) => ({ ...problem, message }));
  const state = compare(set.migrations, history);
  refusals.push(...state.refusals);
  const classification = await classify(set.migrations, {
    applied: state.applied,
    // What came before the first migration, or from a release that is not this one, is not known here.
    complete: history.baseline === undefined && state.unknown.length === 0,
    again: state.again,
  });
  refusals.push(...classification.problems);
  refusals.push(...refusedFindings(classification));
  const found = worst(classification.pending.map((one) => one.class));
  // In a database without anything there is no release that could be hurt.
  if (!history.empty) refusals.push(...wrongWord(declared, found, classification.pending));
  return {
    declared,
    class: found,
    pending: classification.pending,
    applied: state.applied.size,
    unknown: state.unknown,
    refusals,
  };
}

interface Compared {
  readonly applied: ReadonlySet<string>;
  readonly unknown: readonly string[];
  /** Repeatable ones that have changed since they were applied. */
  readonly again: ReadonlySet<string>;
  readonly refusals: readonly Refusal[];
}

function compare(migrations: readonly MigrationFile[], history: History): Compared {
  const applied = new Set<string>();
  const again = new Set<string>();
  const refusals: Refusal[] = [];
  const byVersion = new Map<string, AppliedMigration>();
  const repeatable = new Map<string, AppliedMigration>();
  for (const row of history.applied) {
    if (row.version !== undefined) byVersion.set(row.version, row);
    // The newest row of a repeatable one counts.
    else repeatable.set(row.script, row);
  }
  const newest = [...byVersion.keys()].sort(compareVersions).at(-1);
  for (const file of migrations) {
    if (file.version === undefined) {
      const row = repeatable.get(file.script);
      if (row?.success && row.checksum === file.checksum) applied.add(file.script);
      else if (row) again.add(file.script);
      continue;
    }
    const row = byVersion.get(file.version);
    if (row) {
      if (!row.success) refusals.push(...failedRow(file, row));
      else {
        applied.add(file.script);
        if (row.checksum !== file.checksum) refusals.push(edited(file));
      }
    } else if (history.baseline !== undefined && compareVersions(file.version, history.baseline) <= 0) {
      applied.add(file.script);
    } else if (newest !== undefined && compareVersions(file.version, newest) < 0) {
      refusals.push(outOfOrder(file, newest));
    }
  }
  const own = new Set(migrations.map((file) => file.version ?? file.script));
  const unknown = history.applied
    .filter((row) => !own.has(row.version ?? row.script))
    .map((row) => row.script);
  return { applied, again, unknown: [...new Set(unknown)], refusals };
}

function failedRow(file: MigrationFile, row: AppliedMigration): Refusal[] {
  // One that runs outside a transaction is tried again; what it left behind is removed first.
  return row.checksum === file.checksum
    ? []
    : [
        {
          file: file.script,
          message: "failed when it was applied, and has been changed since.",
          fix: "Take it back to what it was, or give the new text a version of its own and delete the failed row from the history.",
        },
      ];
}

function edited(file: MigrationFile): Refusal {
  return {
    file: file.script,
    message: "was applied with another content: it has been edited since.",
    fix: "Take the file back to what was applied, and make the change in a new migration.",
  };
}

function outOfOrder(file: MigrationFile, newest: string): Refusal {
  return {
    file: file.script,
    message: `is new, but version ${newest}, which comes after it, is applied already.`,
    fix: `Give it a version above ${newest}.`,
  };
}

function refusedFindings(classification: Classification): Refusal[] {
  return classification.pending.flatMap(({ findings }) =>
    findings.filter((finding) => finding.never).map((finding) => refusalOf(finding, "")),
  );
}

function wrongWord(
  declared: ChangeClass,
  found: ChangeClass,
  pending: readonly JudgedMigration[],
): Refusal[] {
  if (pending.length === 0) return [];
  if (declared === "none") {
    return [
      {
        message: `the release says \`database: none\`, but ${count(pending.length)} pending: ${names(pending)}.`,
        fix: `Declare what they are: \`database: ${found === "none" ? "additive" : found}\`.`,
      },
    ];
  }
  if (declared === "breaking") return [];
  const findings = pending.flatMap((one) => one.findings).filter((finding) => !finding.never);
  return [
    ...findings
      .filter((finding) => isWorse(finding.class, declared))
      .map((finding) =>
        refusalOf(finding, `is ${finding.class}, and the release says \`database: ${declared}\`. `),
      ),
    ...findings
      .filter((finding) => finding.blocks && !isWorse(finding.class, declared))
      .map((finding) => refusalOf(finding, `blocks ${finding.blocks} of the running release. `)),
  ];
}

function refusalOf(finding: Finding, what: string): Refusal {
  const subject = finding.subject ? ` (${finding.subject})` : "";
  const word = finding.never ? "" : " Or declare `database: breaking`, for a maintenance window.";
  return {
    file: finding.file,
    line: finding.line,
    message: `${finding.rule}${subject} ${what}${finding.why}`.replace(/ {2,}/g, " "),
    fix: `${finding.advice ?? "Change the statement."}${word}`,
  };
}

function count(n: number): string {
  return n === 1 ? "1 migration is" : `${n} migrations are`;
}

function names(pending: readonly JudgedMigration[]): string {
  const scripts = pending.map(({ file }) => file.script);
  return scripts.length > 5
    ? `${scripts.slice(0, 5).join(", ")} and ${scripts.length - 5} more`
    : scripts.join(", ");
}
