import { randomBytes } from "node:crypto";
import { leaseMarker, sandboxMarker, sweep } from "./processes";

export interface Lease {
  /** For the environment of what the leaseholder starts, so that it can be ended when the leaseholder is gone. */
  markers: Record<string, string>;
  release(): void;
}

/** Long enough for the next command of a script to join, short enough not to be noticed. */
const graceMilliseconds = 2_000;
/** For an engine in the middle of an update, to write down where it is. */
const orphanGraceMilliseconds = 5_000;

/** Who needs the sandbox. When nobody does any more it ends, unless it is to be kept. */
export class Leases {
  private readonly held = new Set<string>();
  private permanent = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly sandboxId: string,
    private readonly end: () => void,
  ) {}

  get leased(): boolean {
    return !this.permanent;
  }

  keep(): void {
    this.permanent = true;
    clearTimeout(this.timer);
  }

  take(): Lease {
    const id = randomBytes(6).toString("hex");
    this.held.add(id);
    clearTimeout(this.timer);
    return {
      markers: { [sandboxMarker]: this.sandboxId, [leaseMarker]: id },
      release: () => this.release(id),
    };
  }

  private release(id: string): void {
    if (!this.held.delete(id)) return;
    // The leaseholder's engine and providers, if it was killed in the middle of its work.
    const orphans = sweep(leaseMarker, id, orphanGraceMilliseconds);
    if (this.held.size > 0 || this.permanent) return;
    this.timer = setTimeout(() => {
      void orphans.then(() => {
        if (this.held.size === 0 && !this.permanent) this.end();
      });
    }, graceMilliseconds);
  }
}
