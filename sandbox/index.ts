/**
 * The embedded AWS: the real Pulumi engine and AWS provider against an emulator on loopback, with real processes
 * as machines and real reverse proxies as load balancers.
 */

import { rmSync } from "node:fs";
import { dirname } from "node:path";
import { ControlClient, SandboxEnded } from "./daemon/control-client";
import type { SandboxEvent } from "./daemon/events";
import { type Launched, launch } from "./daemon/launch";
import { freed, lock } from "./daemon/lock";
import { sandboxMarker, sweep } from "./daemon/processes";
import { environmentOf } from "./environment";
import { SandboxError } from "./errors";
import { sandboxFiles } from "./folders";
import type { Progress } from "./progress";
import type { Fault, SandboxStatus } from "./status";
import type { Toolchain } from "./toolchain";

export type { SandboxEvent, WeightedGroup } from "./daemon/events";
export { SandboxError } from "./errors";
export type { Progress, ProgressEvent } from "./progress";
export type { Fault, ListenerStatus, MachineStatus, SandboxStatus } from "./status";

export interface Sandbox {
  /** The sandbox's folder. */
  home: string;
  /** The emulator's address, `http://127.0.0.1:<port>`. */
  endpoint: string;
  /**
   * What to merge into the environment of child processes (`{ ...process.env, ...sandbox.env }`). With a lease it also
   * marks them, so that an engine in the middle of an update ends when its starter was killed.
   */
  env: Record<string, string>;
  /** Releases the lease. Without other leaseholders a leased sandbox ends about two seconds later. */
  close(): Promise<void>;
}

export interface SandboxOptions {
  progress?: Progress;
  /**
   * true: the sandbox ends when the last leaseholder's process is gone, even by SIGKILL.
   * false: it stays until {@link stopSandbox}.
   */
  lease: boolean;
}

/** How long another start or stop of the same sandbox is waited for. */
const waitMilliseconds = 200_000;

/** Starts the sandbox, or joins the one that runs. */
export async function startSandbox({ progress = () => {}, lease }: SandboxOptions): Promise<Sandbox> {
  if (process.platform !== "linux") {
    throw new SandboxError(
      `The sandbox needs Linux; this is ${process.platform}.`,
      "Run it in a container, a virtual machine or WSL. Everything but the sandbox works here too.",
    );
  }
  const joined = await join(lease);
  if (joined !== undefined) return joined;

  const { ensureToolchain } = await import("./toolchain");
  const toolchain = await ensureToolchain(progress);
  const files = sandboxFiles();
  const starting = await lock(`start-${files.key}`, waitMilliseconds);
  if (starting === undefined) {
    throw new SandboxError(
      "Another start of the sandbox does not come to its end.",
      "End it, and try again.",
    );
  }
  try {
    return (await join(lease)) ?? (await begin(toolchain, progress, lease));
  } finally {
    await starting.release();
  }
}

/** Ends the sandbox and every process of it. Its state stays for the next start. */
export async function stopSandbox(): Promise<{ stopped: boolean }> {
  const files = sandboxFiles();
  const client = await ControlClient.connect(files.socket);
  if (client !== undefined) {
    // One that hangs does not answer; it is ended below, with its children.
    const heard = await client.send("stop", {}, 5_000).then(
      () => true,
      (error) => error instanceof SandboxEnded,
    );
    if (heard) await freed(`daemon-${files.key}`, 20_000);
    await client.close();
  }
  const swept = await sweep(sandboxMarker, `${files.key}-`);
  await freed(`daemon-${files.key}`, 5_000);
  for (const file of [files.daemon, files.socket]) rmSync(file, { force: true });
  return { stopped: client !== undefined || swept > 0 };
}

export async function sandboxStatus(): Promise<SandboxStatus> {
  const status = await ask((client) => client.send("status", {}));
  return status ?? { running: false, machines: [], listeners: [], servers: [] };
}

/** The variables that point any AWS or Pulumi tool at the running sandbox. */
export async function sandboxEnvironment(): Promise<Record<string, string>> {
  const connection = await ask((client) => client.send("connection", {}));
  if (connection === undefined) throw notRunning();
  return environmentOf(connection, sandboxFiles());
}

/**
 * Calls `onEvent` for what happens in the running sandbox: weights changed, machines started, targets healthy.
 * `since` (epoch milliseconds) also gives earlier ones, of which the last thousand are kept. Returns how to stop.
 */
export async function watchSandbox(
  onEvent: (event: SandboxEvent) => void,
  { since }: { since?: number } = {},
): Promise<() => void> {
  const client = await ControlClient.connect(sandboxFiles().socket);
  if (client === undefined) throw notRunning();
  client.onEvent = onEvent;
  await client.send("watch", since === undefined ? {} : { since });
  client.unref();
  return () => void client.close();
}

/** Breaks something on purpose, for tests of what holds then. */
export async function injectFault(fault: Fault): Promise<void> {
  if ((await ask((client) => client.send("fault", fault))) === undefined) throw notRunning();
}

/** A place in the sandbox that runs; undefined when none does. */
async function join(lease: boolean): Promise<Sandbox | undefined> {
  const files = sandboxFiles();
  const client = await ControlClient.connect(files.socket);
  if (client === undefined) return undefined;
  try {
    const connection = await client.send("connection", {});
    const { markers } = lease ? await client.send("lease", {}) : { markers: {} };
    if (!lease) await client.send("keep", {});
    if (lease) client.unref();
    else await client.close();
    return {
      home: files.folder,
      endpoint: connection.endpoint,
      env: { ...environmentOf(connection, files), ...markers },
      close: () => client.close(),
    };
  } catch (error) {
    await client.close();
    // It is ending: wait for that and begin anew. Anything else is for the caller.
    if (await freed(`daemon-${files.key}`, 30_000)) return undefined;
    throw error;
  }
}

async function begin(toolchain: Toolchain, progress: Progress, lease: boolean): Promise<Sandbox> {
  const files = sandboxFiles();
  const step = "Starting the sandbox";
  const startedAt = Date.now();
  progress({ step, state: "start" });
  let launched: Launched | undefined;
  try {
    const { preparePulumiHome } = await import("./toolchain");
    await preparePulumiHome(files.pulumi, toolchain);
    const { engine, emulator } = toolchain;
    const engineFolder = engine.how === "PATH" ? {} : { engineFolder: dirname(engine.path) };
    launched = await launch({ files, python: emulator.python, ...engineFolder });
    const sandbox = await join(lease);
    if (sandbox === undefined) {
      throw new SandboxError(
        "The sandbox ended as soon as it had started.",
        `See the logs in ${files.logs}.`,
      );
    }
    progress({ step, state: "done", detail: sandbox.endpoint, seconds: (Date.now() - startedAt) / 1000 });
    return sandbox;
  } catch (error) {
    const detail = (error as Error).message;
    progress({ step, state: "failed", detail, seconds: (Date.now() - startedAt) / 1000 });
    throw error;
  } finally {
    launched?.letGo();
  }
}

async function ask<T>(question: (client: ControlClient) => Promise<T>): Promise<T | undefined> {
  const client = await ControlClient.connect(sandboxFiles().socket);
  if (client === undefined) return undefined;
  try {
    return await question(client);
  } catch (error) {
    if (error instanceof SandboxEnded) return undefined;
    throw error;
  } finally {
    await client.close();
  }
}

function notRunning(): SandboxError {
  return new SandboxError("The sandbox is not running.", "Start it with `retrofit sandbox start`.");
}
