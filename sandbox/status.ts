import type { MachineState } from "./machines/machine";
import type { ServerStatus } from "./servers/surroundings";

export interface MachineStatus {
  /** The emulated instance, `i-…`. */
  id: string;
  /** The machine's own loopback address. */
  address: string;
  release?: string;
  state: MachineState;
}

export interface ListenerStatus {
  address: string;
  port: number;
  url: string;
  /** Why it is not open, when it is not. */
  error?: string;
}

export interface SandboxStatus {
  running: boolean;
  /** The emulator's address. */
  endpoint?: string;
  /** The daemon's process. */
  pid?: number;
  /** true when it ends with its last leaseholder. */
  leased?: boolean;
  machines: MachineStatus[];
  listeners: ListenerStatus[];
  /** Databases and session stores. */
  servers: ServerStatus[];
}

/**
 * What can be broken on purpose.
 * - `killProcess`: SIGKILL for a machine's application; the machine starts it again, as systemd would.
 * - `killMachine`: the machine is gone for good; its Auto Scaling group replaces it.
 * - `killServer`: SIGKILL for a database's or session store's server; it is started again.
 * - `slowMachine`, `slowServer`: it gets no more than so many percent of one core, as one of too small a class does under load;
 *   100 ends it.
 * - `restartEmulator`: SIGKILL for the emulator; it comes back with its state.
 */
export type Fault =
  | { kind: "killProcess"; instanceId: string }
  | { kind: "killMachine"; instanceId: string }
  | { kind: "killServer"; identifier: string }
  | { kind: "slowMachine"; instanceId: string; cpuPercent: number }
  | { kind: "slowServer"; identifier: string; cpuPercent: number }
  | { kind: "restartEmulator" };
