/** What a database holds, kept through a rebuild as a snapshot that the new one begins from. */
import type { RDSClient } from "@aws-sdk/client-rds";
import { parseDocument } from "yaml";
import { type Clock, systemClock } from "../../components/shared/clock";
import type { EnvironmentConfig } from "../../stacks/config";
import type { Context } from "../context";
import { turnedAway } from "../errors";
import { type Project, replaceFile } from "../project";
import { readEnvironmentFile } from "../settings";

/** For a test, which has neither AWS nor time. */
export interface Means {
  rds?: Pick<RDSClient, "send">;
  clock?: Clock;
}

/** A snapshot cannot be restored without the key that it is encrypted with, and a database's own key goes with it. */
export function refuseLostKey({
  environment,
  database,
}: Pick<EnvironmentConfig, "environment" | "database">): void {
  if (!database || database.kmsKey) return;
  throw turnedAway(
    "data",
    `--data snapshot: the database of ${environment} is encrypted with a key of its own, which goes with the environment, and without its key a snapshot cannot be restored.`,
    `Before it holds anything, give it a key that stays: database.kmsKey in Pulumi.${environment}.yaml (a new key replaces the database). Or write its data to a file (pg_dump) and fill the new one with --seed "<command>".`,
  );
}

/** Takes the snapshot and has the environment's file name it. Returns its name. */
export async function keepData(
  { output }: Pick<Context, "output">,
  project: Project,
  { environment, region, database }: Pick<EnvironmentConfig, "environment" | "region" | "database">,
  outputs: Record<string, unknown> | undefined,
  means: Means = {},
): Promise<string> {
  const { instance, cluster } = (outputs?.database ?? {}) as { instance?: string; cluster?: string };
  const source = cluster ? { cluster } : instance ? { instance } : undefined;
  if (!database || !source) {
    throw turnedAway(
      "data",
      `${environment} has no database that is up, so there is no data to keep.`,
      "Leave --data out.",
    );
  }
  const [{ takeSnapshot }, aws] = await Promise.all([
    import("../../components/database/gate/snapshot"),
    import("@aws-sdk/client-rds"),
  ]);
  const time = new Date().toISOString().replaceAll(/[^0-9]/g, "");
  const name = `retrofit-${environment}-${time.slice(0, "20260131120000".length)}`;
  const rds = means.rds ?? new aws.RDSClient({ region });
  await takeSnapshot(rds, source, name, (line) => output.line(`  ${line}`), means.clock ?? systemClock);
  const document = parseDocument(readEnvironmentFile(project, environment).toString("utf8"));
  document.setIn(["config", "retrofit:database", "restoreFrom"], name);
  replaceFile(project.file(environment), document.toString({ lineWidth: 0 }));
  output.line(
    `  Pulumi.${environment}.yaml names it (database.restoreFrom). It is kept until you delete it.`,
  );
  return name;
}
