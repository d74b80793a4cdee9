import { packArtifactSync } from "../../components/artifact-store/pack";
import { describeRefusal, MIGRATIONS_FOLDER, migrationsOfFile } from "../../components/database/gate";
import {
  type ChangeClass,
  canonicalVersion,
  compareVersions,
  decide,
  type History,
  type JudgedMigration,
  type MigrationSet,
  type Plan,
} from "../../components/database/migrations";
import type { Context } from "../context";
import { turnedAway, wrongUse } from "../errors";
import type { Output } from "../output";

export interface CheckOptions {
  database?: ChangeClass;
  /** Version up to which everything is applied. */
  since?: string;
  folder?: string;
  /** Count the whole as a new database. */
  fresh?: boolean;
}

/** Judges the migrations of an artifact without any database: for pull requests. */
export async function checkMigrations(
  context: Context,
  artifact: string,
  options: CheckOptions,
): Promise<void> {
  const folder = options.folder ?? MIGRATIONS_FOLDER;
  const set = migrationsOfFile(packArtifactSync(artifact).file, folder);
  const plan = await decide(options.database ?? "none", set, supposedHistory(set, options));
  showPlan(context.output, plan, folder);
  if (plan.refusals.length > 0) throw refusal(plan, folder, "The artifact");
  context.output.done(`nothing speaks against \`database: ${plan.declared}\``);
  context.output.result(planAsJson(plan));
}

/** What a database has that is at a certain version. */
function supposedHistory(set: MigrationSet, { since, fresh }: CheckOptions): History {
  if (fresh) return { applied: [], empty: true };
  if (since === undefined) return { applied: [], empty: false };
  if (!/^\d+([._]\d+)*$/.test(since)) throw wrongUse(`"${since}" is not a version of a migration.`);
  const last = canonicalVersion(since);
  const applied = set.migrations
    .filter(({ version }) => version !== undefined && compareVersions(version, last) <= 0)
    .map(({ script, version, checksum }) => ({ script, checksum, success: true, version: version! }));
  return { applied, empty: false };
}

export function refusal(plan: Plan, folder: string, what: string) {
  const lines = plan.refusals.map((one) => describeRefusal(one, folder));
  const error = turnedAway("database", `${what} is refused:\n${lines.join("\n")}`);
  return Object.assign(error, { json: { ...error.json, ...planAsJson(plan) } });
}

/** What is applied and what would be, statement by statement. */
export function showPlan(output: Output, plan: Plan, folder: string): void {
  const { dim } = output.colors;
  output.heading(
    `Migrations: ${plan.applied} applied, ${plan.pending.length} pending; declared ${plan.declared}, found ${plan.class}`,
  );
  for (const script of plan.unknown) output.line(dim(`  ${script}: applied, and not in this artifact`));
  for (const migration of plan.pending) {
    output.line(`  ${folder}/${migration.file.script}: ${migration.class}${notes(migration)}`);
    for (const finding of migration.findings) {
      const subject = finding.subject ? ` (${finding.subject})` : "";
      const blocks = finding.blocks ? `, blocks ${finding.blocks}` : "";
      output.line(`    line ${finding.line}: ${finding.class}${blocks}: ${finding.rule}${subject}`);
      if (finding.allowed) output.line(dim(`      allowed: ${finding.allowed}`));
    }
  }
}

function notes({ transactional }: JudgedMigration): string {
  return transactional ? "" : ", runs outside a transaction";
}

export function planAsJson(plan: Plan): Record<string, unknown> {
  return {
    declared: plan.declared,
    class: plan.class,
    applied: plan.applied,
    unknown: plan.unknown,
    refusals: plan.refusals,
    pending: plan.pending.map(({ file, class: found, transactional, findings }) => ({
      file: file.script,
      version: file.version ?? null,
      class: found,
      transactional,
      findings: findings.map(({ file: _, ...finding }) => finding),
    })),
  };
}
