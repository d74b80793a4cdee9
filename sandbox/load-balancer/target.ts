import { Agent } from "node:http";
import { Agent as TlsAgent } from "node:https";
import type { HealthCheck, TargetHealth } from "../emulated";
import { draining, type Health, nextHealth, registering, unused } from "./health";
import { probe } from "./prober";

/** Shorter than what servers keep an idle connection for (Node: 5 s), so that none is used while it is being closed. */
const idleMilliseconds = 3_000;

/** How often a new target is looked at until its first pass; the regular interval alone decides when it is unhealthy. */
const eagerMilliseconds = 1_000;

export interface TargetEvents {
  healthChanged(target: Target): void;
  drained(target: Target): void;
}

/** One registered target: its connections, its health checks, the requests it is working on. */
export class Target {
  /** Requests (and upgraded connections) that it is answering now. */
  inFlight = 0;
  private readonly agents: { http: Agent; https: TlsAgent };
  private health: Health = registering;
  private phase: "unused" | "checked" | "draining" | "gone" = "unused";
  private timer: NodeJS.Timeout | undefined;
  private lastCounted = 0;
  private check: HealthCheck | undefined;

  constructor(
    readonly id: string,
    readonly port: number,
    readonly address: string,
    private readonly events: TargetEvents,
  ) {
    const options = { keepAlive: true, timeout: idleMilliseconds, maxFreeSockets: 128, noDelay: true };
    this.agents = {
      http: new Agent(options),
      https: new TlsAgent({ ...options, rejectUnauthorized: false }),
    };
  }

  get key(): string {
    return `${this.id}:${this.port}`;
  }

  get healthy(): boolean {
    return this.phase === "checked" && this.health.state === "healthy";
  }

  get draining(): boolean {
    return this.phase === "draining";
  }

  get report(): TargetHealth {
    if (this.phase === "unused") return unused;
    if (this.phase === "draining" || this.phase === "gone") return draining;
    const { state, reason, description } = this.health;
    return { state, reason, description };
  }

  agent(tls: boolean): Agent {
    return tls ? this.agents.https : this.agents.http;
  }

  /** Checks it from now on; with no check it is in a target group that no listener uses. */
  watch(check: HealthCheck | undefined): void {
    this.check = check;
    if (check === undefined) {
      this.phase = "unused";
      this.stopChecks();
    } else if (this.phase === "unused") {
      this.phase = "checked";
      this.health = check.enabled
        ? registering
        : { ...registering, state: "healthy", reason: null, description: null };
      this.lastCounted = Date.now();
      if (check.enabled) void this.look();
    }
  }

  /** Takes no new requests; gone when the last one is answered or the delay is over. */
  drain(delaySeconds: number): void {
    this.stopChecks();
    if (this.phase === "draining" || this.phase === "gone") return;
    this.phase = "draining";
    this.timer = setTimeout(() => this.finish(), delaySeconds * 1000);
    // Not at once, so that whoever caused it sees the draining before it is over.
    setImmediate(() => this.finishWhenIdle());
  }

  /** Counts a request in; call the answer once when it is over. */
  begin(): () => void {
    this.inFlight++;
    let over = false;
    return () => {
      if (over) return;
      over = true;
      this.inFlight--;
      this.finishWhenIdle();
    };
  }

  /** Ends everything at once, without draining. */
  destroy(): void {
    this.phase = "gone";
    this.stopChecks();
    this.agents.http.destroy();
    this.agents.https.destroy();
  }

  private finishWhenIdle(): void {
    if (this.phase === "draining" && this.inFlight === 0) this.finish();
  }

  private finish(): void {
    if (this.phase !== "draining") return;
    this.phase = "gone";
    this.stopChecks();
    // Idle connections close; one that still answers (the delay is over) stays until its machine ends.
    for (const agent of Object.values(this.agents)) {
      for (const socket of Object.values(agent.freeSockets).flat()) socket?.destroy();
    }
    this.events.drained(this);
  }

  private stopChecks(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private async look(): Promise<void> {
    const check = this.check;
    if (check === undefined) return;
    const startedAt = Date.now();
    const seen = await probe(this.address, this.port, check);
    if (this.phase !== "checked" || this.check === undefined) return;

    const interval = this.check.intervalSeconds * 1000;
    const counted = this.health.state !== "initial" || startedAt - this.lastCounted >= interval;
    if (counted) this.lastCounted = startedAt;
    const before = this.health;
    this.health = nextHealth(before, seen, this.check, counted);
    if (before.state !== this.health.state || before.reason !== this.health.reason)
      this.events.healthChanged(this);

    const pause = this.health.state === "initial" ? Math.min(eagerMilliseconds, interval) : interval;
    this.timer = setTimeout(() => void this.look(), Math.max(0, startedAt + pause - Date.now()));
  }
}
