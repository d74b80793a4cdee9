/** What a change does to the release that runs while it is made, worst last. */
export type ChangeClass = "none" | "additive" | "breaking";

const ORDER: readonly ChangeClass[] = ["none", "additive", "breaking"];

export function worst(classes: Iterable<ChangeClass>): ChangeClass {
  let found: ChangeClass = "none";
  for (const one of classes) if (isWorse(one, found)) found = one;
  return found;
}

export function isWorse(a: ChangeClass, b: ChangeClass): boolean {
  return ORDER.indexOf(a) > ORDER.indexOf(b);
}

/** A migration as it lies in a release's artifact. */
export interface MigrationFile {
  /** Path relative to the folder of migrations; it names the migration in the history. */
  readonly script: string;
  /** `1.2` of `V1_2__name.sql`; undefined for a repeatable one. */
  readonly version?: string;
  readonly description: string;
  /** Flyway's checksum: the CRC-32 of all lines without their ends, as a signed number. */
  readonly checksum: number;
  /** The text without byte order mark, with `\n` as line end. */
  readonly sql: string;
}

/** What is wrong with a file itself, so that nothing in it can be judged. */
export interface MigrationProblem {
  readonly file: string;
  readonly line?: number;
  readonly message: string;
  /** The change to make. */
  readonly fix: string;
}

/** One rule of the table in `docs/database-changes.md`. */
export interface Rule {
  readonly id: string;
  readonly class: ChangeClass;
  /** What the running release cannot do while the statement runs. Such a statement needs a maintenance window. */
  readonly blocks?: "writes" | "reads and writes";
  /** True: cannot be a part of any migration, whatever is declared. */
  readonly never?: true;
  /** True: PostgreSQL refuses the statement inside a transaction, so that it gets a file of its own. */
  readonly alone?: true;
  /** A statement that falls under the rule; the tests judge each. */
  readonly example: string;
  /** Earlier migrations that the example needs. */
  readonly after?: string;
  /** What happens, as a sentence. */
  readonly why: string;
  /** How to reach the same in steps that hurt nobody. */
  readonly advice?: string;
}

/** One statement, or one command of an `ALTER TABLE`, under a rule. */
export interface Finding {
  readonly rule: string;
  readonly class: ChangeClass;
  readonly blocks?: "writes" | "reads and writes";
  readonly never?: true;
  /** What it touches, such as `public.orders.total`. */
  readonly subject?: string;
  readonly file: string;
  readonly line: number;
  readonly why: string;
  readonly advice?: string;
  /** Reason of the comment that lets the statement pass as additive. */
  readonly allowed?: string;
}

/** A migration with everything that was found in it. */
export interface JudgedMigration {
  readonly file: MigrationFile;
  readonly class: ChangeClass;
  readonly findings: readonly Finding[];
  /** False when PostgreSQL refuses to run it in a transaction. */
  readonly transactional: boolean;
  /** An index that a failed `CREATE INDEX CONCURRENTLY` leaves behind as invalid, to be dropped before the next try. */
  readonly buildsIndex?: string;
}
