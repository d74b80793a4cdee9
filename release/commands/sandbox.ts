import { sandboxEnvironment, sandboxStatus, startSandbox, stopSandbox } from "../../sandbox";
import type { Context } from "../context";
import { openStack } from "../engine/engine";
import { makeSandboxStore } from "../logs/sandbox-store";
import { environmentsIn, openProject } from "../project";
import { showProgress } from "../steps";

/** Starts the sandbox and prepares a stack for every environment of the project, so that plain `pulumi up` works. */
export async function sandboxStart(context: Context): Promise<void> {
  const { output } = context;
  const sandbox = await startSandbox({ lease: false, progress: showProgress(output) });
  Object.assign(process.env, sandbox.env);
  const environments = environmentsIn(context.cwd);
  for (const environment of environments) {
    await openStack({ ...context, sandbox: true }, openProject(context.cwd, environment), environment);
  }
  output.done(`sandbox runs at ${sandbox.endpoint}`);
  output.line('  For other tools: eval "$(npx retrofit sandbox env)"');
  output.result({ running: true, endpoint: sandbox.endpoint, environments });
}

/** A log store that environments of the sandbox can share; says what to write into their files. */
export async function sandboxLogs(context: Context): Promise<void> {
  const { output } = context;
  const sandbox = await startSandbox({ lease: false, progress: showProgress(output) });
  Object.assign(process.env, sandbox.env);
  const { endpoint, secretArn, writerSecretArn } = await makeSandboxStore(sandbox, (text) =>
    output.line(output.colors.dim(`  ${text}`)),
  );
  output.done(`log store at ${endpoint}`);
  output.line("  For an environment's file:");
  const store = `endpoint: "${endpoint}", secret: "${secretArn}", writerSecret: "${writerSecretArn}", nodes: 1`;
  output.line(`    retrofit:logs: { store: { ${store} } }`);
  output.result({ endpoint, secretArn, writerSecretArn });
}

export async function sandboxStop(context: Context): Promise<void> {
  const { stopped } = await stopSandbox();
  context.output.done(stopped ? "sandbox stopped" : "the sandbox was not running");
  context.output.result({ stopped });
}

export async function sandboxShow(context: Context): Promise<void> {
  const { output } = context;
  const status = await sandboxStatus();
  if (!status.running) {
    output.line("The sandbox is not running. Start it with: retrofit sandbox start");
  } else {
    output.line(`Sandbox at ${status.endpoint} (process ${status.pid}${status.leased ? ", leased" : ""})`);
    for (const listener of status.listeners) output.line(`  listener ${listener.url}`);
    for (const machine of status.machines) {
      const { id, address, release = "-", state } = machine;
      output.line(`  machine  ${id}  ${address.padEnd(15)} ${release.padEnd(8)} ${state}`);
    }
    for (const { kind, identifier, address, port, state, detail } of status.servers) {
      const what = { database: "database", sessionStore: "sessions", logStore: "logs    " }[kind];
      output.line(`  ${what} ${identifier}  ${address}:${port}  ${state}${detail ? `: ${detail}` : ""}`);
    }
  }
  output.result({ ...status });
}

/** Prints what points other tools at the sandbox, for `eval`. */
export async function sandboxPrintEnvironment(context: Context): Promise<void> {
  const environment = await sandboxEnvironment();
  if (!context.output.json) {
    for (const [name, value] of Object.entries(environment)) {
      process.stdout.write(`export ${name}=${quoted(value)}\n`);
    }
  }
  context.output.result(environment);
}

/** Safe in any POSIX shell. */
export function quoted(value: string): string {
  return /^[A-Za-z0-9_./:=@%+-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`;
}
