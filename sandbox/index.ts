/**
 * The embedded AWS: the real Pulumi engine and AWS provider against an emulator on loopback, with real processes
 * as machines and real reverse proxies as load balancers.
 */
import { SandboxError } from "./errors";
import type { Progress } from "./progress";

export type { SandboxEvent } from "./daemon/events";
export { SandboxError } from "./errors";
export type { Progress, ProgressEvent } from "./progress";

export interface Sandbox {
  /** The sandbox's folder. */
  home: string;
  /** The emulator's address, `http://127.0.0.1:<port>`. */
  endpoint: string;
  /** What to merge into the environment of child processes (`{ ...process.env, ...sandbox.env }`). */
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

export interface MachineStatus {
  /** The emulated instance, `i-…`. */
  id: string;
  /** The machine's own loopback address. */
  address: string;
  release?: string;
  state: "idle" | "pending" | "booting" | "running" | "restarting" | "failed" | "draining" | "stopping";
}

export interface ListenerStatus {
  address: string;
  port: number;
  url: string;
}

export interface SandboxStatus {
  running: boolean;
  endpoint?: string;
  pid?: number;
  /** true when it ends with its last leaseholder. */
  leased?: boolean;
  machines: MachineStatus[];
  listeners: ListenerStatus[];
}

/** Starts the sandbox, or joins the one that runs. */
export async function startSandbox(_options: SandboxOptions): Promise<Sandbox> {
  throw new SandboxError("The sandbox is not built yet.", "Wait for the next commit.");
}

/** Ends the sandbox and every process of it. Its state stays for the next start. */
export async function stopSandbox(): Promise<{ stopped: boolean }> {
  throw new SandboxError("The sandbox is not built yet.", "Wait for the next commit.");
}

export async function sandboxStatus(): Promise<SandboxStatus> {
  return { running: false, machines: [], listeners: [] };
}

/** The variables that point any AWS or Pulumi tool at the running sandbox. */
export async function sandboxEnvironment(): Promise<Record<string, string>> {
  throw new SandboxError("The sandbox is not built yet.", "Wait for the next commit.");
}

/**
 * Calls `onEvent` for what happens in the running sandbox: weights changed, machines started, targets healthy.
 * `since` (epoch milliseconds) also gives earlier ones, of which the last thousand are kept. Returns how to stop.
 */
export async function watchSandbox(
  _onEvent: (event: import("./daemon/events").SandboxEvent) => void,
  _options: { since?: number } = {},
): Promise<() => void> {
  throw new SandboxError("The sandbox is not built yet.", "Wait for the next commit.");
}

/**
 * Breaks something on purpose.
 * - `killProcess`: SIGKILL for a machine's process; the machine starts it again, as systemd would.
 * - `killMachine`: the machine is gone for good; its Auto Scaling group replaces it.
 * - `restartEmulator`: SIGKILL for the emulator; it comes back with its state.
 */
export type Fault =
  | { kind: "killProcess"; instanceId: string }
  | { kind: "killMachine"; instanceId: string }
  | { kind: "restartEmulator" };

export async function injectFault(_fault: Fault): Promise<void> {
  throw new SandboxError("The sandbox is not built yet.", "Wait for the next commit.");
}
