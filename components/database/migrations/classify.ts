import { Catalog } from "./catalog";
import { concurrentIndex, judgeNode, runsOutsideTransaction, type Verdict } from "./judge";
import { rules } from "./rules";
import { loadParser, type ParsedFile, parseFile, type Statement, SyntaxProblem } from "./statements";
import {
  type Finding,
  type JudgedMigration,
  type MigrationFile,
  type MigrationProblem,
  type Rule,
  worst,
} from "./types";

export interface ClassifyOptions {
  /** Scripts that are applied already: they are read for what they made, and not judged. */
  readonly applied?: ReadonlySet<string>;
  /**
   * False where the database holds what no migration made (it was there before the first one): what the migrations
   * do not know may then exist. Default: true.
   */
  readonly complete?: boolean;
  /** Repeatable migrations that were applied with another content: what they create may exist already. */
  readonly again?: ReadonlySet<string>;
}

export interface Classification {
  /** The migrations that are not applied, in the order in which they will be. */
  readonly pending: readonly JudgedMigration[];
  /** Comments that allow nothing, or without a reason. */
  readonly problems: readonly MigrationProblem[];
}

/** Shortest reason in a comment that lets a statement pass. */
const SHORTEST_REASON = 10;

/** Judges every statement of the pending migrations, knowing what the earlier ones have made. */
export async function classify(
  migrations: readonly MigrationFile[],
  options: ClassifyOptions = {},
): Promise<Classification> {
  await loadParser();
  const catalog = new Catalog(options.complete ?? true);
  const problems: MigrationProblem[] = [];
  const pending: JudgedMigration[] = [];
  const complete = catalog.complete;
  for (const file of migrations) {
    if (options.again?.has(file.script)) catalog.complete = false;
    const applied = options.applied?.has(file.script) ?? false;
    catalog.beginFile(file.script, !applied);
    const judged = judgeFile(file, catalog, applied ? [] : problems);
    if (!applied) pending.push(judged);
    if (options.again?.has(file.script)) catalog.complete = complete;
  }
  return { pending, problems };
}

function judgeFile(file: MigrationFile, catalog: Catalog, problems: MigrationProblem[]): JudgedMigration {
  let parsed: ParsedFile;
  try {
    parsed = parseFile(file.sql);
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error;
    const rule = error.psqlCommand ? "psql-command" : "syntax";
    const found = { ...finding(file, error.line, { rule }), subject: error.message };
    return { file, class: "breaking", findings: [found], transactional: true };
  }
  const findings: Finding[] = [];
  let buildsIndex: string | undefined;
  for (const statement of parsed.statements) {
    buildsIndex ??= concurrentIndex(statement.node, catalog);
    const verdicts = judgeNode(statement.node, catalog);
    const found = merged(
      verdicts.map((verdict) =>
        finding(file, verdict.at === undefined ? statement.line : parsed.lineAt(verdict.at), verdict),
      ),
    );
    problems.push(...badAllowances(file, statement, found));
    findings.push(...found.map((one) => allowedBy(one, statement)));
  }
  const alone = parsed.statements.filter(({ node }) => runsOutsideTransaction(node));
  findings.push(...notAlone(file, parsed.statements, alone));
  return {
    file,
    class: worst(findings.map((one) => one.class)),
    findings,
    transactional: alone.length === 0,
    ...(buildsIndex === undefined ? {} : { buildsIndex }),
  };
}

function finding(file: MigrationFile, line: number, verdict: Verdict): Finding {
  const rule = ruleOf(verdict.rule);
  return {
    rule: rule.id,
    class: rule.class,
    ...(rule.blocks ? { blocks: rule.blocks } : {}),
    ...(rule.never ? { never: rule.never } : {}),
    ...(verdict.subject === undefined ? {} : { subject: verdict.subject }),
    file: file.script,
    line,
    why: rule.why,
    ...(rule.advice ? { advice: rule.advice } : {}),
  };
}

function ruleOf(id: string): Rule {
  const rule = rules.get(id);
  if (!rule) throw new Error(`there is no rule "${id}"`);
  return rule;
}

/** The same thing said once: five commands on a new table are one finding. */
function merged(findings: readonly Finding[]): Finding[] {
  const seen = new Set<string>();
  return findings.filter(({ rule, subject }) => {
    const key = `${rule} ${subject}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/** What PostgreSQL refuses in a transaction may share its file with settings only. */
function notAlone(file: MigrationFile, all: readonly Statement[], alone: readonly Statement[]): Finding[] {
  const first = alone[0];
  if (!first) return [];
  const others = all.filter(({ node }) => !("VariableSetStmt" in node)).length;
  return others > 1 ? [finding(file, first.line, { rule: "not-alone" })] : [];
}

function allowedBy(found: Finding, statement: Statement): Finding {
  const allowance = statement.allowances.find(
    ({ rules: named, reason }) => named.includes(found.rule) && reason.length >= SHORTEST_REASON,
  );
  if (!allowance || found.never) return found;
  const { blocks: _, ...rest } = found;
  return { ...rest, class: found.class === "breaking" ? "additive" : found.class, allowed: allowance.reason };
}

function badAllowances(
  file: MigrationFile,
  statement: Statement,
  findings: readonly Finding[],
): MigrationProblem[] {
  return statement.allowances.flatMap(({ rules: named, reason, line }) => {
    const problems: MigrationProblem[] = [];
    const add = (message: string, fix: string) => problems.push({ file: file.script, line, message, fix });
    if (reason.length < SHORTEST_REASON) {
      add(
        `allows ${named.join(", ")} without a reason.`,
        `Write one of at least ${SHORTEST_REASON} characters: -- retrofit:allow ${named[0]}: not read since 1.4.0`,
      );
    }
    for (const id of named) {
      const found = findings.filter((one) => one.rule === id);
      if (found.length === 0) {
        const really = [...new Set(findings.map((one) => one.rule))].join(", ");
        add(`allows ${id}, but the statement falls under ${really}.`, "Correct the comment, or remove it.");
      } else if (found.some((one) => one.never)) {
        add(`allows ${id}, which nothing can allow.`, "Remove the comment and change the statement.");
      }
    }
    return problems;
  });
}
