import type { ServerReport } from "../emulated";
import type { ServerKind, ServerStatus, ServersSurroundings } from "./surroundings";

/** What a server stands behind; a snapshot has no more than an id. */
interface Behind {
  id: string;
  identifier?: string;
  address?: string;
  port?: number;
}

/** How each server is: for the emulator, for people who ask, and as events when it changes. */
export class Reports {
  private readonly reports: ServerReport = {};

  constructor(
    private readonly kind: ServerKind,
    private readonly around: ServersSurroundings,
  ) {}

  all(): ServerReport {
    return this.reports;
  }

  starting(id: string): void {
    this.reports[id] = { state: "starting", reason: null };
    this.around.changed();
  }

  available(behind: Behind): void {
    const before = this.reports[behind.id]?.state;
    this.reports[behind.id] = { state: "available", reason: null };
    if (before !== "available") this.tell("started", behind);
    this.around.changed();
  }

  failed(behind: Behind, error: Error & { hint?: string }): void {
    const reason = error.hint === undefined ? error.message : `${error.message} ${error.hint}`;
    this.reports[behind.id] = { state: "failed", reason };
    this.around.log(`${this.kind} ${behind.identifier ?? behind.id}: ${reason}`);
    this.tell("failed", behind, reason);
    this.around.changed();
  }

  gone(id: string, behind?: Behind): void {
    delete this.reports[id];
    if (behind !== undefined) this.tell("stopped", behind);
    this.around.changed();
  }

  status(behind: Required<Behind>): ServerStatus {
    const { state = "starting", reason } = this.reports[behind.id] ?? {};
    const { identifier, address, port } = behind;
    return { kind: this.kind, identifier, address, port, state, ...(reason ? { detail: reason } : {}) };
  }

  private tell(what: "started" | "failed" | "stopped", behind: Behind, detail?: string): void {
    const { identifier, address, port } = behind;
    if (identifier === undefined || address === undefined || port === undefined) return;
    this.around.events.emit({
      type: `server.${what}`,
      kind: this.kind,
      identifier,
      address,
      port,
      ...(detail === undefined ? {} : { detail }),
    });
  }
}
