/** One target group's share in an event about weights. */
import type { ServerKind } from "../servers/surroundings";
export interface WeightedGroup {
  arn: string;
  name: string;
  weight: number;
  /** The release that the group's machines run, when known. */
  release?: string;
}

/** What happens in the sandbox, for those who tell a person about it. */
export type SandboxEvent = { /** ISO 8601 with milliseconds. */ at: string } & (
  | {
      type: "weights";
      listenerArn: string;
      address: string;
      port: number;
      /** A rule's priority, or "default". */
      rule: string;
      groups: WeightedGroup[];
    }
  | { type: "listener.opened" | "listener.closed"; address: string; port: number; url: string }
  | { type: "listener.failed"; address: string; port: number; detail: string }
  | {
      type:
        | "machine.booting"
        | "machine.started"
        | "machine.restarting"
        | "machine.failed"
        | "machine.draining"
        | "machine.stopped";
      id: string;
      address: string;
      release?: string;
      detail?: string;
    }
  | {
      type: "target.healthy" | "target.unhealthy" | "target.draining" | "target.drained";
      id: string;
      group: string;
      release?: string;
      detail?: string;
    }
  | {
      type: "server.started" | "server.failed" | "server.stopped";
      kind: ServerKind;
      /** Of the emulated resource. */
      identifier: string;
      address: string;
      port: number;
      detail?: string;
    }
  | { type: "emulator.ready" | "emulator.lost"; detail?: string }
);

export type NewEvent<E = SandboxEvent> = E extends SandboxEvent ? Omit<E, "at"> : never;

/** Keeps the last events and tells subscribers of new ones. */
export class EventLog {
  private readonly kept: SandboxEvent[] = [];
  private readonly listeners = new Set<(event: SandboxEvent) => void>();

  constructor(private readonly limit = 1000) {}

  emit(event: NewEvent): void {
    const stamped = { at: new Date().toISOString(), ...event } as SandboxEvent;
    this.kept.push(stamped);
    if (this.kept.length > this.limit) this.kept.shift();
    for (const listener of this.listeners) listener(stamped);
  }

  since(epochMilliseconds: number): SandboxEvent[] {
    return this.kept.filter((event) => Date.parse(event.at) >= epochMilliseconds);
  }

  subscribe(listener: (event: SandboxEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}
