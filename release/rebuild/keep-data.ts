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
  return name;
}
