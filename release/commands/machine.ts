import { SSMClient } from "@aws-sdk/client-ssm";
import { readPuppetfile } from "../../components/machine";
import { describeFailure, type RunCommandClients, runOnMachine } from "../../components/machine/run-command";
import { renderProblems } from "../../components/shared/validation";
import { configurationFolder } from "../../stacks/machines";
import type { Context } from "../context";
import { selectAws } from "../engine/engine";
import { openEnvironment } from "../environment";
import { CommandError, ExitCode, wrongUse } from "../errors";
import { vendor } from "../machine/vendor";
import { dockerHostsOf, machinesOf } from "../machines";

import { openProject } from "../project";
import { loadEnvironment } from "../settings";

/** Brings the modules of the Puppetfile into the configuration. */
export async function machineVendor(
  context: Context,
  environment: string,
  { forge = process.env.PUPPET_FORGE }: { forge?: string },
): Promise<void> {
  const project = openProject(context.cwd, environment);
  const folder = configurationFolder(loadEnvironment(project, environment).machines, project.folder);
  const { modules, problems } = readPuppetfile(folder);
  if (problems.length > 0)
    throw wrongUse(renderProblems(`The configuration of machines in ${folder}`, problems));
  const { output } = context;
  if (modules.length > 0 && (!forge || !URL.canParse(forge))) {
    throw wrongUse(
      forge ? `${forge} is no address.` : "No address of a Puppet Forge is given.",
      "Add --forge <address>, or set PUPPET_FORGE.",
    );
  }
  const vendored = modules.length > 0 ? await vendor(folder, modules, forge!) : [];
  for (const { module, version, fetched, missing } of vendored) {
    output.done(`${module} ${version}${fetched ? "" : ", as before"}`);
    if (missing.length > 0) output.warn(`${module} wants ${missing.join(", ")}: name it in the Puppetfile.`);
  }
  if (modules.length === 0) output.line(`The Puppetfile in ${folder} names no modules.`);
  output.result({ environment, folder, modules: vendored });
}

/** What a machine answers when it is asked whether it still is what its configuration says. */
export interface MachineDrift {
  readonly machine: string;
  readonly version: string;
  /** What an apply would change, one each; undefined when the machine could not tell. */
  readonly changes?: readonly string[];
  readonly problem?: string;
}

/** Asks every running machine, a few at a time. Changes nothing on them. */
export async function machineDrift(context: Context, environment: string): Promise<void> {
  const project = openProject(context.cwd, environment);
  await selectAws(context);
  const running = await openEnvironment(project, environment);
  const machines = [...(await machinesOf(running)), ...(await dockerHostsOf(running))];
  const { output } = context;
  output.line(`Asking ${machines.length} machines of ${environment} …`);
  const ssm = new SSMClient({ region: running.outputs.listenerArn.split(":")[3]! });
  const found = await Promise.all(machines.map(({ id, version }) => askForDrift({ ssm }, id, version)));
  for (const drift of found) describe(context, drift);
  const report = { environment, machines: found };
  if (found.some(({ problem }) => problem)) {
    throw new CommandError(ExitCode.failed, "Not every machine could tell.", "See above for each.", report);
  }
  if (found.some(({ changes }) => changes && changes.length > 0)) {
    const hint = "Replace them, or correct the configuration: a fleet is not mended by hand.";
    throw new CommandError(
      ExitCode.turnedAway,
      "Machines are not as their configuration says.",
      hint,
      report,
    );
  }
  output.result(report);
}

/** Asks one machine. A machine that cannot tell is a result with its reason, not an error. */
export async function askForDrift(
  clients: RunCommandClients,
  machine: string,
  version: string,
  clock?: Parameters<typeof runOnMachine>[4],
): Promise<MachineDrift> {
  const command = {
    commands: ['"$RETROFIT_ROOT"/usr/local/sbin/retrofit-configure check'],
    comment: "retrofit machine drift",
    timeoutSeconds: 300,
  };
  try {
    const result = await runOnMachine(clients, machine, command, () => {}, clock);
    if (result.status !== "Success") return { machine, version, problem: describeFailure(result) };
    const { changes } = JSON.parse(result.stdout) as { changes: string[] };
    return { machine, version, changes };
  } catch (error) {
    return { machine, version, problem: (error as Error).message };
  }
}

function describe({ output }: Context, { machine, version, changes, problem }: MachineDrift): void {
  const name = `${machine} (${version})`;
  if (problem) output.fail(`${name}: ${problem}`);
  else if (changes?.length === 0) output.done(`${name}: as its configuration says`);
  else {
    output.warn(`${name}: ${changes?.length} changes`);
    for (const change of changes ?? []) output.line(`    ${change}`);
  }
}
