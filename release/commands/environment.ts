import { rmSync, writeFileSync } from "node:fs";
import { parseCidr } from "../../components/network/cidr";
import { type Context, confirmByName } from "../context";
import { openStack, selectAws } from "../engine/engine";
import { runEngine } from "../engine/run";
import { listStacks } from "../engine/stacks";
import { findEnvironment } from "../environment";
import { asCommandError, failed, turnedAway, wrongUse } from "../errors";
import { environmentsIn, openProject, type Project, projectIn } from "../project";
import { readLiveRelease } from "../promotion/live-release";
import { bringBack } from "../rebuild/bring-back";
import { dropKept, keepReleases } from "../rebuild/kept";
import { settle } from "../recovery/settle";
import { loadEnvironment, readEnvironmentFile } from "../settings";
import { endOf, isOver, noteEnd } from "../short-lived/end";
import { copyOf, freeNetwork, lifetime } from "../short-lived/file";

export interface CreateOptions {
  from: string;
  ttl: string;
  /** Stay, and take it away when its time is up. */
  wait?: boolean;
}

/** Makes a short-lived copy of an environment, with the release that is live there. */
export async function createEnvironment(
  context: Context,
  name: string,
  { from, ttl, wait }: CreateOptions,
): Promise<void> {
  const { output } = context;
  const span = checkNew(context, name, ttl);
  const source = openProject(context.cwd, from);
  const config = loadEnvironment(source, from);
  if (config.protected) {
    throw turnedAway(
      "protected",
      `${from} is protected, and a copy of it would be paid for as one.`,
      "Make it from a small environment, such as dev.",
    );
  }
  const others = environmentsIn(context.cwd).map((other) => loadEnvironment(source, other).network.cidr);
  const cidr = freeNetwork(name, parseCidr(config.network.cidr)!.prefix, others);
  if (!cidr)
    throw failed(
      "10.128.0.0/9 has no room left.",
      "Take some short-lived environments away: retrofit environment sweep",
    );
  await selectAws(context);
  const running = await findEnvironment(source, from);
  const live = running && (await readLiveRelease(running, config));
  const kept = await keepReleases(source, { live: config.live }, live, name);
  // Minutes are enough, and seconds are read as a date of its own by some.
  const expires = `${new Date(Date.now() + span).toISOString().slice(0, "2026-01-31T12:00".length)}Z`;
  writeFileSync(
    source.file(name),
    copyOf(readEnvironmentFile(source, from).toString("utf8"), { cidr, expires }),
  );
  const project = openProject(context.cwd, name);
  await noteEnd(await openStack(context, project, name), expires).catch((error: Error) =>
    output.warn(
      `When ${name} goes could not be noted at its stack; should it not come up, no sweep finds it: ${asCommandError(error).message}`,
    ),
  );
  const up = await bringBack(context, project, name, kept);
  output.done(`${name} is up until ${expires}, in ${cidr}: ${up.url}`);
  if (wait) await stayUntil(context, project, name, Date.parse(expires));
  output.result({
    environment: name,
    from,
    url: up.url,
    live: up.live ?? null,
    cidr,
    expires,
    seconds: Math.round(up.seconds),
  });
}

function checkNew(context: Context, name: string, ttl: string): number {
  if (!/^[a-z][a-z0-9-]{0,19}$/.test(name)) {
    throw wrongUse(
      `"${name}" is no name of an environment.`,
      "Lower-case letters, digits and hyphens, at most 20, beginning with a letter.",
    );
  }
  if (environmentsIn(context.cwd).includes(name)) {
    throw wrongUse(
      `There is an environment ${name} already.`,
      `Take another name, or: retrofit environment remove ${name}`,
    );
  }
  const span = lifetime(ttl);
  if (span === undefined)
    throw wrongUse(`--ttl ${ttl} is no time.`, "Write 30m, 8h or 2d, two weeks at most.");
  return span;
}

async function stayUntil(context: Context, project: Project, name: string, end: number): Promise<void> {
  context.output.line(`  staying until then; Ctrl-C takes ${name} away at once`);
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, Math.max(0, end - Date.now()));
    context.interrupts.signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
  await takeAway(context, project, name);
}

/** Takes a short-lived environment away: what is in it, its stack and its file. */
export async function removeEnvironment(context: Context, name: string): Promise<void> {
  const project = projectIn(context.cwd);
  if ((await endFor(context, project, name)) === undefined) {
    throw turnedAway(
      "lasting",
      `${name} was made to stay: it has no retrofit:expires.`,
      `If it is to go all the same: retrofit destroy ${name}`,
    );
  }
  await confirmByName(context, name, `This deletes the environment ${name} and everything in it`);
  await selectAws(context);
  await takeAway(context, project, name);
  context.output.result({ removed: [name] });
}

/** By its file, or by its stack where it was made in another checkout, such as that of a CI. */
async function endFor(context: Context, project: Project, name: string): Promise<string | undefined> {
  if (environmentsIn(project.folder).includes(name)) return loadEnvironment(project, name).expires;
  await selectAws(context);
  if ((await listStacks(project)).includes(name)) return await endOf(project, name);
  throw wrongUse(`There is no environment ${name}: it has neither a file here nor a stack.`);
}

/** Takes away each environment whose time is up, whether this checkout has its file or not. For a schedule. */
export async function sweepEnvironments(context: Context): Promise<void> {
  const { output } = context;
  const project = projectIn(context.cwd);
  await selectAws(context);
  const [removed, failures]: [string[], string[]] = [[], []];
  for (const name of await listStacks(project)) {
    try {
      const end = await endOf(project, name);
      if (!isOver(end, Date.now())) continue;
      output.heading(`${name} was to live until ${end}`);
      await takeAway(context, project, name);
      removed.push(name);
    } catch (error) {
      const { message } = asCommandError(error);
      if (isDenied(message))
        output.line(`  ${name} is not for this role to read, so not for it to take away`);
      else failures.push(`${name}: ${message}`);
    }
  }
  if (failures.length > 0) throw failed(`Not all could be taken away:\n${failures.join("\n")}`);
  output.done(removed.length > 0 ? `Taken away: ${removed.join(", ")}` : "No environment's time is up.");
  output.result({ removed });
}

/** A CI's role of one environment sees the names of all stacks and the contents of its own. */
const isDenied = (message: string): boolean =>
  /outputs cannot be read.*(AccessDenied|StatusCode: 403)/s.test(message);

async function takeAway(context: Context, project: Project, name: string): Promise<void> {
  const file = project.file(name);
  // The branch that it was made for may be gone, and its file with it; the engine needs one to begin with.
  if (!environmentsIn(project.folder).includes(name)) writeFileSync(file, "config: {}\n");
  const stack = await openStack(context, project, name);
  await settle(context, project, name, stack);
  await runEngine(context, stack, "destroy", { uninterruptible: true });
  await stack.stack.workspace.removeStack(name);
  rmSync(file, { force: true });
  dropKept(project, name);
  context.output.done(`${name} is gone`);
}
