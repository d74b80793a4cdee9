/** A developer's machine: a role as a container, and whether it is what the environment's machines are. */
import { statSync } from "node:fs";
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { SSMClient } from "@aws-sdk/client-ssm";
import { rolesOf } from "../../components/machine";
import { describeFailure, type RunCommandClients, runOnMachine } from "../../components/machine/run-command";
import { debianRootProblem } from "../../sandbox/debian";
import type { EnvironmentConfig } from "../../stacks/config";
import { configurationFolder } from "../../stacks/machines";
import type { Context } from "../context";
import { selectAws } from "../engine/engine";
import { openEnvironment, type RunningEnvironment } from "../environment";
import { CommandError, ExitCode, failed, wrongUse } from "../errors";
import { type Comparison, comparePortraits, describeDifference } from "../machine/comparison";
import { docker, dockerOutput, requireDocker } from "../machine/docker-client";
import {
  ensureLocalImage,
  imageName,
  type LocalRole,
  labelOf,
  ROLE_LABEL,
  SOURCE,
} from "../machine/local-image";
import { type Portrait, SSM_PAGE, takePortrait } from "../machine/portrait";
import { dockerHostsOf, type MachineInService, machinesOf } from "../machines";
import { count } from "../output";
import { openProject, type Project } from "../project";
import { loadEnvironment } from "../settings";
import { showProgress } from "../steps";

export interface LocalOptions {
  environment: string;
  /** Folder of the application; with it a container is started. */
  source?: string;
  port?: number;
  fresh?: boolean;
}

/** Makes a role's container image, and with a source folder starts a container of it. */
export async function machineLocal(context: Context, role: string, options: LocalOptions): Promise<void> {
  const project = openProject(context.cwd, options.environment);
  const wanted = localRole(project, options.environment, role);
  const source = options.source === undefined ? undefined : folderAt(context.cwd, options.source);
  const problem = debianRootProblem();
  if (problem) {
    const hint =
      "Make it where that holds, such as in CI, and take it over with docker save and docker load.";
    throw failed(`No image can be made here: ${problem}.`, hint);
  }
  await requireDocker();
  const { output } = context;
  const progress = showProgress(output);
  const image = await ensureLocalImage(wanted, { fresh: options.fresh === true, progress });
  output.done(`${image.name} ${image.built ? "made" : "as before"}`);
  const { port } = wanted.config.application;
  if (!image.application)
    output.warn(`${role} runs no application: a container of it waits to be looked at.`);
  const published = options.port ?? port;
  const words = runWords(image.name, image.application ? { port, published, source } : undefined);
  const container =
    source && image.application ? await startContainer(role, options.environment, words) : undefined;
  if (container) output.done(`${container} runs ${source}: http://127.0.0.1:${published}/`);
  else output.line(`  docker ${words.map(shown).join(" ")}`);
  output.result({
    role,
    environment: options.environment,
    image: image.name,
    built: image.built,
    port: published,
    container: container ?? null,
  });
}

/** Where the application runs as its own user: on any machine but one that is root's, whoever owns the source folder. */
function runWords(
  image: string,
  application: { port: number; published: number; source: string | undefined } | undefined,
): string[] {
  if (!application) return ["run", "--detach", image];
  const { port, published, source = "." } = application;
  const user = process.getuid?.() ? ["--user", `${process.getuid()}:${process.getgid?.()}`] : [];
  const mounted = ["--volume", `${resolve(source)}:${SOURCE}`];
  return ["run", "--detach", "--publish", `127.0.0.1:${published}:${port}`, ...mounted, ...user, image];
}

const RUNNING_MILLISECONDS = 1000;

/** Takes the place of the container that was started before. */
async function startContainer(role: string, environment: string, words: string[]): Promise<string> {
  const name = `retrofit-${role}-${environment}`;
  await docker(["rm", "--force", name]);
  const [run, ...rest] = words;
  await dockerOutput([run!, "--name", name, ...rest]);
  // One that cannot start has ended by then.
  await sleep(RUNNING_MILLISECONDS);
  if ((await dockerOutput(["inspect", "--format", "{{.State.Running}}", name])) === "true") return name;
  const { stdout, stderr } = await docker(["logs", "--tail", "20", name]);
  throw failed(
    `${name} has ended:\n${(stdout + stderr).trim()}`,
    "Is the source folder what the command is to be run in?",
  );
}

function shown(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function folderAt(cwd: string, path: string): string {
  const folder = resolve(cwd, path);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return folder;
  throw wrongUse(
    `--source: ${folder} is no folder.`,
    "Name the folder that the application's command is run in.",
  );
}

function localRole(project: Project, environment: string, role: string): LocalRole {
  const config: EnvironmentConfig = loadEnvironment(project, environment);
  const { tool } = config.machines;
  if (tool !== "puppet") {
    throw wrongUse(
      `retrofit:machines.tool of ${environment} is ${tool}; images of one's own are made with Puppet.`,
      "Set it to puppet, or use the tool's own way.",
    );
  }
  const folder = configurationFolder(config.machines, project.folder);
  const roles = rolesOf(folder, tool);
  if (!roles.includes(role)) {
    throw wrongUse(`There is no role "${role}" in ${folder}.`, `Roles: ${roles.join(", ")}.`);
  }
  return { role, config, folder };
}

/** A machine beside the role's image. */
export interface ComparedMachine {
  readonly machine: string;
  readonly comparison?: Comparison;
  /** Why it could not be compared. */
  readonly problem?: string;
}

/** Compares the role's image with every running machine of the role. Changes nothing on them. */
export async function machineCompare(context: Context, environment: string, role = "web"): Promise<void> {
  const project = openProject(context.cwd, environment);
  const { config } = localRole(project, environment, role);
  const inService = MACHINES[role];
  if (!inService) {
    const known = Object.keys(MACHINES).join(", ");
    throw wrongUse(
      `Machines of the role ${role} are not found by the environment's outputs.`,
      `Roles: ${known}.`,
    );
  }
  await requireDocker();
  const image = imageName(role, config.environment);
  if ((await labelOf(image, ROLE_LABEL)) !== role) {
    throw wrongUse(
      `There is no image ${image}.`,
      `Make it: retrofit machine local ${role} --environment ${environment}`,
    );
  }
  await selectAws(context);
  const running = await openEnvironment(project, environment);
  const machines = await inService(running);
  const { output } = context;
  if (machines.length === 0) throw failed(`No machine of the role ${role} is in service in ${environment}.`);
  output.line(`Comparing ${image} with ${count(machines.length, "machine")} of ${environment} …`);
  const ssm = new SSMClient({ region: running.outputs.listenerArn.split(":")[3]! });
  const found = await compareMachines(
    { ssm },
    await portraitOfImage(image),
    machines.map(({ id }) => id),
  );
  for (const one of found) describe(context, one);
  judge(environment, role, image, found);
  output.result({ environment, role, image, machines: found });
}

const MACHINES: Record<string, ((running: RunningEnvironment) => Promise<MachineInService[]>) | undefined> = {
  web: machinesOf,
  docker_host: dockerHostsOf,
};

/** Read in a container of it that has no network. */
export function portraitOfImage(image: string): Promise<Portrait> {
  const start = ["run", "--rm", "--network", "none", "--user", "0", image, "/bin/sh", "-c"];
  return takePortrait((script) => dockerOutput([...start, script]), Number.MAX_SAFE_INTEGER);
}

/** Asks each machine by SSM. A machine that cannot tell is a result with its reason, not an error. */
export function compareMachines(
  clients: RunCommandClients,
  image: Portrait,
  machines: readonly string[],
): Promise<ComparedMachine[]> {
  const ask = async (machine: string): Promise<ComparedMachine> => {
    try {
      const portrait = await takePortrait(async (script) => {
        const command = { commands: [script], comment: "retrofit machine compare", timeoutSeconds: 300 };
        const result = await runOnMachine(clients, machine, command);
        if (result.status !== "Success") throw new Error(describeFailure(result));
        return result.stdout;
      }, SSM_PAGE);
      return { machine, comparison: comparePortraits(image, portrait) };
    } catch (error) {
      return { machine, problem: (error as Error).message };
    }
  };
  return Promise.all(machines.map(ask));
}

function describe({ output }: Context, { machine, comparison, problem }: ComparedMachine): void {
  if (!comparison) {
    output.fail(`${machine}: ${problem}`);
    return;
  }
  const { differences, same, apart } = comparison;
  if (differences.length === 0) output.done(`${machine}: ${same} packages, files and units, all the same`);
  else output.warn(`${machine}: ${count(differences.length, "difference")}, ${same} the same`);
  for (const difference of differences) output.line(`    ${describeDifference(difference)}`);
  for (const [why, facts] of Object.entries(apart)) output.line(`    not compared, ${facts}: ${why}`);
}

function judge(environment: string, role: string, image: string, found: readonly ComparedMachine[]): void {
  const report = { environment, role, image, machines: found };
  if (found.some(({ problem }) => problem)) {
    throw new CommandError(
      ExitCode.failed,
      "Not every machine could be compared.",
      "See above for each.",
      report,
    );
  }
  if (found.every(({ comparison }) => comparison?.differences.length === 0)) return;
  const hint = `Versions differ where one of them is older: retrofit machine local ${role} --environment ${environment} --fresh`;
  throw new CommandError(ExitCode.turnedAway, "Image and machines are not the same.", hint, report);
}
