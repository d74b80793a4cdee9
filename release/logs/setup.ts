/** What `retrofit logs setup` brings to a store. */
import { importSavedObjects, type LogStore, type SetupStep, setUpStore } from "../../components/elk-stack";
import type { EnvironmentConfig } from "../../stacks/config";
import { writerOf } from "../../stacks/log-store";
import { logContent, snapshotContent } from "../../stacks/logs";
import type { Context } from "../context";
import type { LogsOutput } from "./open";

/** Everything that belongs into the store and its dashboards; tells each step, and why what could not be done was not. */
export async function setUpLogs(
  { output }: Pick<Context, "output">,
  store: LogStore,
  config: EnvironmentConfig,
  { snapshots, dashboardsUrl, ...place }: Pick<LogsOutput, "snapshots" | "dashboardsUrl" | "writerSecretArn">,
): Promise<SetupStep[]> {
  const steps = await setUpStore(store, {
    ...logContent(config),
    ...(await writerOf(place)),
    ...(snapshots && { snapshots: snapshotContent(config, snapshots.bucket, snapshots.roleArn) }),
  });
  steps.push(
    dashboardsUrl
      ? await importSavedObjects(store, dashboardsUrl)
      : {
          what: "saved searches and dashboard",
          done: "skipped",
          why: "not imported: the environment has no Dashboards of its own; --saved-objects writes them into a file",
        },
  );
  for (const { what, done, why } of steps) {
    const text = `${what}: ${done}${why ? ` (${why})` : ""}`;
    if (done === "skipped") output.warn(text);
    else output.done(text);
  }
  return steps;
}
