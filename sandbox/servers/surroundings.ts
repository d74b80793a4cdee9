import type { EventLog } from "../daemon/events";
import type { Progress } from "../progress";

export interface ServersSurroundings {
  /** The sandbox's folder. */
  folder: string;
  logs: string;
  certificates: string;
  events: EventLog;
  /** For every server: the sandbox's marker. */
  environment: Record<string, string>;
  progress: Progress;
  /** A server's state is another than was reported last. */
  changed(): void;
  log(line: string): void;
}

export type ServerKind = "database" | "sessionStore" | "logStore";

export interface ServerStatus {
  kind: ServerKind;
  /** The emulated resource's identifier. */
  identifier: string;
  /** The server's own loopback address. */
  address: string;
  port: number;
  state: "starting" | "available" | "failed";
  /** Why it failed, when it did. */
  detail?: string;
}
