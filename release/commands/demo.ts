import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { startSandbox, stopSandbox } from "../../sandbox";
import { ensureToolchain } from "../../sandbox/toolchain";
import { watchStarters } from "../ancestors";
import type { Context } from "../context";
import { endChildCommands } from "../demo/child-command";
import { renderPage } from "../demo/page";
import { DemoRecorder } from "../demo/recorder";
import { type Story, tellStory } from "../demo/story";
import { describeSummary } from "../demo/summary";
import { createWorkspace, type DemoWorkspace } from "../demo/workspace";
import { CommandError, ExitCode } from "../errors";
import { killDescendants } from "../interrupt";
import { makeSandboxStore } from "../logs/sandbox-store";
import { showProgress } from "../steps";

export interface DemoOptions {
  rate: number;
  keep?: boolean;
  report: string;
  withLogs?: boolean;
}

/** Release, refused release and rollback under a steady load, in a sandbox of its own. */
export async function demo(context: Context, options: DemoOptions): Promise<void> {
  const workspace = createWorkspace("1.0.0");
  // The sandbox's interface takes its folder from here, and so do the commands that are run as children.
  process.env.RETROFIT_SANDBOX = workspace.sandbox;
  const stopWatching = watchStarters(() => {
    killDescendants(process.pid);
    process.exit(ExitCode.failed);
  });
  context.interrupts.signal.addEventListener("abort", endChildCommands);
  try {
    const story = await inSandbox(context, options, workspace);
    report(context, options, story);
    if (options.keep) tellHowToLookAround(context, workspace);
    judge(story);
    context.output.result({ ...story.report });
  } finally {
    stopWatching();
    if (!options.keep) workspace.remove();
  }
}

async function inSandbox(context: Context, options: DemoOptions, workspace: DemoWorkspace): Promise<Story> {
  const { output } = context;
  const recorder = new DemoRecorder();
  output.heading("Tools: engine, AWS provider, emulator");
  await recorder.phase("tools", () => ensureToolchain(showProgress(output)));
  output.line();
  output.heading("Sandbox: an AWS of its own for this demo");
  const sandbox = await recorder.phase("sandbox", () =>
    startSandbox({ lease: !options.keep, progress: showProgress(output) }),
  );
  if (options.keep) workspace.keep();
  Object.assign(process.env, sandbox.env);
  if (options.withLogs) {
    output.line();
    output.heading("Log store: a real OpenSearch");
    workspace.useLogStore(
      await recorder.phase("log store", () => makeSandboxStore(sandbox, (text) => output.line(`  ${text}`))),
    );
  }
  const stopRecording = await recorder.watch();
  try {
    return await tellStory(context, { ...options, workspace, recorder });
  } finally {
    stopRecording();
    await sandbox.close();
    // Without this it would end by itself two seconds after the lease, while its folder is being removed.
    if (!options.keep) await stopSandbox();
  }
}

function report(context: Context, options: DemoOptions, story: Story): void {
  const file = resolve(options.report);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, renderPage(story));
  context.output.line();
  for (const line of describeSummary(context.output, story)) context.output.line(line);
  context.output.line();
  context.output.line(`Charts: ${file}`);
}

function tellHowToLookAround(context: Context, workspace: DemoWorkspace): void {
  const use = `RETROFIT_SANDBOX=${workspace.sandbox} npx retrofit`;
  context.output.line();
  context.output.line("The environment is still up. To look around:");
  context.output.line(`  ${use} status dev --sandbox --cwd ${workspace.project}`);
  context.output.line("To end it:");
  context.output.line(`  ${use} sandbox stop && rm -r ${workspace.project}`);
}

/** What the demo promises; a promise that was not kept is a failure. */
function judge({ report: { failed, versions }, refused }: Story): void {
  const broken = [
    failed > 0 ? `${failed} requests failed` : "",
    refused.gate === undefined ? `${refused.version} was not turned away` : "",
    (versions[refused.version] ?? 0) > 0
      ? `${refused.version} answered ${versions[refused.version]} requests`
      : "",
  ].filter((text) => text !== "");
  if (broken.length > 0) {
    throw new CommandError(ExitCode.failed, `The demo did not keep its promise: ${broken.join("; ")}.`);
  }
}
