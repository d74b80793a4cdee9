import { packArtifactSync } from "../../components/artifact-store/pack";
import { MIGRATIONS_FOLDER, migrationsOfFile } from "../../components/database/gate";
import { readHistory } from "../../components/database/gate/migrator";
import { openLedger, openMigrator } from "../../components/database/gate/open";
import { describeBarrier } from "../../components/database/gate/refuse";
import { type ChangeClass, decide } from "../../components/database/migrations";
import { systemClock } from "../../components/shared/clock";
import { releaseMigrations } from "../../stacks/database-gate";
import type { Context } from "../context";
import { selectAws } from "../engine/engine";
import { openEnvironment } from "../environment";
import { failed, wrongUse } from "../errors";
import { openProject } from "../project";
import { loadEnvironment } from "../settings";
import { planAsJson, refusal, showPlan } from "./check-migrations";

export interface MigrationsOptions {
  artifact?: string;
  database?: ChangeClass;
}

/** What the database itself says is applied, compared with an artifact. Nothing is changed. */
export async function migrations(
  context: Context,
  environment: string,
  options: MigrationsOptions,
): Promise<void> {
  const { output } = context;
  const project = openProject(context.cwd, environment);
  const config = loadEnvironment(project, environment);
  await selectAws(context);
  const { outputs } = await openEnvironment(project, environment);
  const gate = outputs.databaseGate;
  if (!gate || !outputs.artifactBucket) {
    throw failed(
      `${environment} has no database.`,
      "Add retrofit:database to its file, then run: retrofit up <environment>",
    );
  }
  const folder = config.migrations?.folder ?? MIGRATIONS_FOLDER;
  if (!options.artifact && !config.live) {
    throw wrongUse("No release is live.", "Name the artifact to compare with: --artifact <path>");
  }
  const set = options.artifact
    ? migrationsOfFile(packArtifactSync(options.artifact).file, folder)
    : await releaseMigrations(config.live!, config, project.folder);
  const { table, baseline } = config.migrations ?? {};
  const migrator = await openMigrator(
    {
      region: config.region,
      database: gate.database,
      autoScalingGroup: gate.autoScalingGroup,
      settings: { ...(table ? { table } : {}), ...(baseline ? { baseline } : {}) },
    },
    (line) => output.line(`  ${line}`),
    systemClock,
  );
  const history = await readHistory(migrator, () => {});
  const declared = options.database ?? config.live?.database ?? "none";
  const plan = await decide(declared, set, history);
  showPlan(output, plan, folder);
  const ledger = await (await openLedger(config.region, outputs.artifactBucket)).read();
  if (ledger?.barrier) output.warn(describeBarrier(ledger.barrier));
  if (ledger?.maintenance) output.warn(`the maintenance page is on since ${ledger.maintenance.at}`);
  const more = { environment, barrier: ledger?.barrier ?? null, snapshots: ledger?.snapshots ?? [] };
  if (plan.refusals.length > 0) {
    const error = refusal(plan, folder, options.artifact ?? `The live release ${config.live?.version}`);
    throw Object.assign(error, { json: { ...error.json, ...more } });
  }
  output.result({ ...planAsJson(plan), ...more });
}
