import type { LogStore } from "../../components/elk-stack";
import { openStore, type StorePlace } from "../../stacks/log-store";
import type { Context } from "../context";
import { readOutputs, selectAws } from "../engine/engine";
import { failed, wrongUse } from "../errors";
import { openProject, type Project } from "../project";

/** Where an environment's log lines are, as the stack's outputs name it. */
export interface LogsOutput extends StorePlace {
  readonly dashboardsUrl?: string;
  readonly snapshots?: { readonly bucket: string; readonly roleArn: string };
}

export interface OpenLogs {
  readonly environment: string;
  readonly project: Project;
  readonly output: LogsOutput;
  readonly store: LogStore;
}

/** Opens the log store of an environment with the user that its secret names. */
export async function openLogs(context: Context, environment: string): Promise<OpenLogs> {
  const project = openProject(context.cwd, environment);
  await selectAws(context);
  const outputs = await readOutputs(project, environment);
  if (outputs === undefined || Object.keys(outputs).length === 0) {
    throw failed(
      `The environment ${environment} is not up.`,
      `Bring it up first: retrofit up ${environment}`,
    );
  }
  const output = outputs.logs as LogsOutput | undefined;
  if (!output) {
    throw wrongUse(
      `The environment ${environment} has no log store.`,
      "Add retrofit:logs: {} to its file and bring it up; docs/environments.md has the keys.",
    );
  }
  return { environment, project, output, store: await openStore(output) };
}
