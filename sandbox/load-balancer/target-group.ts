import type { EmulatedTargetGroup, HealthCheck, TargetHealth } from "../emulated";
import { Target, type TargetEvents } from "./target";

/** A target that is registered and whose machine is there. */
export interface RegisteredTarget {
  id: string;
  port: number;
  address: string;
}

export interface GroupEvents {
  healthChanged(group: TargetGroup, target: Target): void;
  draining(group: TargetGroup, target: Target): void;
  drained(group: TargetGroup, target: Target): void;
}

/** The targets of one target group, and which of them is next. */
export class TargetGroup {
  readonly arn: string;
  name: string;
  /** The targets are spoken to over TLS. */
  tls = false;
  private readonly registered = new Map<string, Target>();
  private readonly leaving = new Set<Target>();
  private delaySeconds = 0;
  private usable: Target[] = [];
  private turn = 0;
  private readonly targetEvents: TargetEvents;

  constructor(
    config: Pick<EmulatedTargetGroup, "arn" | "name">,
    private readonly events: GroupEvents,
  ) {
    this.arn = config.arn;
    this.name = config.name;
    this.targetEvents = {
      healthChanged: (target) => {
        this.refresh();
        events.healthChanged(this, target);
      },
      drained: (target) => {
        this.leaving.delete(target);
        events.drained(this, target);
      },
    };
  }

  /** Takes over the configuration. `inUse`: some listener's action names this group. */
  update(config: EmulatedTargetGroup, targets: RegisteredTarget[], inUse: boolean): void {
    this.name = config.name;
    this.tls = config.protocol.toUpperCase() === "HTTPS";
    this.delaySeconds = config.deregistrationDelaySeconds;
    const wanted = new Map(targets.map((target) => [`${target.id}:${target.port}`, target]));
    for (const [key, target] of this.registered) {
      if (wanted.get(key)?.address !== target.address) this.deregister(key, target);
    }
    const check: HealthCheck | undefined = inUse ? config.healthCheck : undefined;
    for (const [key, { id, port, address }] of wanted) {
      const target = this.registered.get(key) ?? new Target(id, port, address, this.targetEvents);
      this.registered.set(key, target);
      target.watch(check);
    }
    this.refresh();
  }

  /** The group is deleted: every target drains. */
  remove(): void {
    for (const [key, target] of this.registered) this.deregister(key, target);
    this.refresh();
  }

  destroy(): void {
    for (const target of [...this.registered.values(), ...this.leaving]) target.destroy();
  }

  /** The next target in turn; one of all of them when none is healthy (fail open); none when none is registered. */
  pick(): Target | undefined {
    if (this.usable.length === 0) return undefined;
    this.turn = (this.turn + 1) % this.usable.length;
    return this.usable[this.turn];
  }

  get targets(): Target[] {
    return [...this.registered.values()];
  }

  /** Whether a deregistered target with this id still has its drain time. */
  isDraining(targetId: string): boolean {
    return [...this.leaving].some((target) => target.id === targetId);
  }

  get idle(): boolean {
    return this.registered.size === 0 && this.leaving.size === 0;
  }

  report(): Record<string, TargetHealth> {
    const leaving = [...this.leaving].map((target) => [target.key, target.report] as const);
    const registered = this.targets.map((target) => [target.key, target.report] as const);
    return Object.fromEntries([...leaving, ...registered]);
  }

  private deregister(key: string, target: Target): void {
    this.registered.delete(key);
    this.leaving.add(target);
    target.drain(this.delaySeconds);
    this.events.draining(this, target);
  }

  private refresh(): void {
    const healthy = this.targets.filter((target) => target.healthy);
    this.usable = healthy.length > 0 ? healthy : this.targets;
  }
}
