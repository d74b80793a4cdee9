import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { EventLog, WeightedGroup } from "../daemon/events";
import type {
  EmulatedListener,
  EmulatedState,
  EmulatedTargetGroup,
  Metric,
  TargetHealthReport,
} from "../emulated";
import { SandboxError } from "../errors";
import type { ListenerStatus } from "../status";
import { certificateFor } from "./certificate";
import { Listener } from "./listener";
import { hostCounts, loadBalancerDimension, Meter } from "./meter";
import { compileRoutes } from "./routing";
import type { Target } from "./target";
import { type RegisteredTarget, TargetGroup } from "./target-group";
import { changedWeights, groupsInUse } from "./weights";

export interface Surroundings {
  /** The sandbox's folder. */
  folder: string;
  events: EventLog;
  /** Where an instance's machine listens; none when the instance is not running. */
  addressOf(instanceId: string): string | undefined;
  releaseOf(instanceId: string): string | undefined;
  /** Called when `targetHealth()` would answer differently. */
  onHealthChange(): void;
  log(line: string): void;
  /** Without a byte for so long a request is given up. Default 60 s, as with an Application Load Balancer. */
  idleMilliseconds?: number;
}

interface Opened {
  listener: Listener;
  arn: string;
  loadBalancerArn: string;
  address: string;
  port: number;
}

/** A real reverse proxy for each emulated listener, kept equal to what the emulator says. */
export class LoadBalancers {
  private state: EmulatedState | undefined;
  private readonly groups = new Map<string, TargetGroup>();
  private readonly meters = new Map<string, Meter>();
  private readonly opened = new Map<string, Opened>();
  /** Those that should be open but cannot, with why. */
  private readonly failed = new Map<string, { address: string; port: number; error: string }>();
  private readonly closing = new Set<Promise<void>>();
  private settling: Promise<void> = Promise.resolve();
  private ended = false;

  constructor(private readonly around: Surroundings) {}

  /**
   * Takes over a new state. Target groups and rules change at once, in one go; the promise is for listeners that have
   * to be opened or closed.
   */
  apply(state: EmulatedState): Promise<void> {
    const before = this.state;
    this.state = state;
    this.applyGroups(state);
    for (const opened of this.opened.values()) {
      const listener = state.listeners.find(({ arn }) => arn === opened.arn);
      if (listener !== undefined) opened.listener.routes = compileRoutes(listener);
    }
    for (const change of changedWeights(before, state, (arn) => this.describe(arn))) {
      this.around.events.emit({ type: "weights", ...change });
    }
    this.around.onHealthChange();
    this.settling = this.settling.then(() => this.applyListeners());
    return this.settling;
  }

  /** The release that a target group's machines run, when one is known. */
  releaseOfGroup(arn: string): string | undefined {
    const targets = this.state?.targetGroups.find((group) => group.arn === arn)?.targets ?? [];
    return targets.map((target) => this.around.releaseOf(target.id)).find((release) => release !== undefined);
  }

  targetHealth(): TargetHealthReport {
    return Object.fromEntries([...this.groups.values()].map((group) => [group.arn, group.report()]));
  }

  /** Whether an instance that left its target groups may still be answering. */
  isDraining(instanceId: string): boolean {
    return [...this.groups.values()].some((group) => group.isDraining(instanceId));
  }

  metrics(now = new Date()): Metric[] {
    const metrics: Metric[] = [];
    for (const [arn, meter] of this.meters) {
      if (!this.state?.loadBalancers.some((balancer) => balancer.arn === arn)) this.meters.delete(arn);
      const connections = [...this.opened.values()]
        .filter((opened) => opened.loadBalancerArn === arn)
        .reduce((sum, opened) => sum + opened.listener.connections, 0);
      metrics.push(...meter.read(connections, now));
    }
    for (const [groupArn, loadBalancerArn] of groupsInUse(this.state)) {
      const group = this.groups.get(groupArn);
      if (group !== undefined)
        metrics.push(...hostCounts(group, loadBalancerDimension(loadBalancerArn), now));
    }
    return metrics;
  }

  listeners(): ListenerStatus[] {
    const open = [...this.opened.values()].map(({ address, port, listener }) => ({
      address,
      port,
      url: listener.url,
    }));
    const failed = [...this.failed.values()].map((each) => ({
      ...each,
      url: `http://${each.address}:${each.port}`,
    }));
    return [...open, ...failed];
  }

  async close(): Promise<void> {
    this.ended = true;
    await this.settling;
    for (const key of [...this.opened.keys()]) this.closeListener(key, 1_000);
    await Promise.all(this.closing);
    for (const group of this.groups.values()) group.destroy();
  }

  private applyGroups(state: EmulatedState): void {
    const inUse = groupsInUse(state);
    const wanted = new Set(state.targetGroups.map(({ arn }) => arn));
    for (const [arn, group] of this.groups) {
      if (!wanted.has(arn)) group.remove();
      if (!wanted.has(arn) && group.idle) this.groups.delete(arn);
    }
    for (const config of state.targetGroups) {
      const group = this.groups.get(config.arn) ?? this.newGroup(config);
      this.groups.set(config.arn, group);
      group.update(config, this.present(config), inUse.has(config.arn));
    }
  }

  /** The registered targets whose machine is there; one that was terminated leaves, whatever the registration says. */
  private present(config: EmulatedTargetGroup): RegisteredTarget[] {
    return config.targets.flatMap(({ id, port }) => {
      const address = /^[0-9.]+$/.test(id) ? id : this.around.addressOf(id);
      return address === undefined ? [] : [{ id, port, address }];
    });
  }

  private newGroup(config: EmulatedTargetGroup): TargetGroup {
    return new TargetGroup(config, {
      healthChanged: (group, target) => {
        const { state, description } = target.report;
        if (state === "healthy" || state === "unhealthy")
          this.tell(`target.${state}`, group, target, description);
        this.around.onHealthChange();
      },
      draining: (group, target) => this.tell("target.draining", group, target),
      drained: (group, target) => {
        this.tell("target.drained", group, target);
        this.around.onHealthChange();
      },
    });
  }

  private tell(
    type: "target.healthy" | "target.unhealthy" | "target.draining" | "target.drained",
    group: TargetGroup,
    target: Target,
    detail?: string | null,
  ): void {
    const release = this.around.releaseOf(target.id);
    this.around.events.emit({
      type,
      id: target.id,
      group: group.name,
      ...(release === undefined ? {} : { release }),
      ...(detail ? { detail } : {}),
    });
  }

  private describe(arn: string): Pick<WeightedGroup, "name" | "release"> {
    const release = this.releaseOfGroup(arn);
    return { name: this.groups.get(arn)?.name ?? arn, ...(release === undefined ? {} : { release }) };
  }

  private async applyListeners(): Promise<void> {
    if (this.ended || this.state === undefined) return;
    const wanted = new Map(this.state.listeners.map((listener) => [this.key(listener), listener]));
    for (const key of this.opened.keys())
      if (!wanted.has(key)) this.closeListener(key, this.graceMilliseconds());
    for (const key of this.failed.keys()) if (!wanted.has(key)) this.failed.delete(key);
    for (const [key, config] of wanted) {
      if (!this.opened.has(key)) await this.openListener(key, config);
    }
  }

  /** Whatever changes in it needs a new server. */
  private key(listener: EmulatedListener): string {
    return [listener.arn, this.address(listener), listener.port, listener.protocol].join(" ");
  }

  private address(listener: EmulatedListener): string | undefined {
    return this.state?.loadBalancers.find(({ arn }) => arn === listener.loadBalancerArn)?.dnsName;
  }

  private async openListener(key: string, config: EmulatedListener): Promise<void> {
    const address = this.address(config);
    if (address === undefined || !["HTTP", "HTTPS"].includes(config.protocol)) return;
    try {
      const { arn, loadBalancerArn, port } = config;
      const listener = new Listener({
        address,
        port,
        protocol: config.protocol,
        ...(config.protocol === "HTTPS" ? { certificate: await this.certificate(address) } : {}),
        meter: this.meter(loadBalancerArn),
        group: (groupArn) => this.groups.get(groupArn),
        idleMilliseconds: this.around.idleMilliseconds ?? 60_000,
      });
      listener.routes = compileRoutes(this.state?.listeners.find((each) => each.arn === arn) ?? config);
      await listener.open();
      this.opened.set(key, { listener, arn, loadBalancerArn, address, port });
      this.failed.delete(key);
      this.around.events.emit({ type: "listener.opened", address, port, url: listener.url });
    } catch (error) {
      // The others go on; this one is tried again with the next look at the state.
      const { port } = config;
      const { message } = error as Error;
      if (this.failed.get(key)?.error === message) return;
      this.failed.set(key, { address, port, error: message });
      this.around.log(`${message} ${error instanceof SandboxError ? error.hint : ""}`);
      this.around.events.emit({ type: "listener.failed", address, port, detail: message });
    }
  }

  private closeListener(key: string, graceMilliseconds: number): void {
    const opened = this.opened.get(key);
    if (opened === undefined) return;
    this.opened.delete(key);
    const closed = opened.listener.close(graceMilliseconds).finally(() => this.closing.delete(closed));
    this.closing.add(closed);
    const { address, port, listener } = opened;
    this.around.events.emit({ type: "listener.closed", address, port, url: listener.url });
  }

  private graceMilliseconds(): number {
    const delays = this.state?.targetGroups.map((group) => group.deregistrationDelaySeconds) ?? [];
    return Math.max(5, ...delays) * 1000;
  }

  private certificate(address: string) {
    const folder = join(this.around.folder, "certificates");
    mkdirSync(folder, { recursive: true });
    return certificateFor(address, folder);
  }

  private meter(loadBalancerArn: string): Meter {
    let meter = this.meters.get(loadBalancerArn);
    if (meter === undefined) {
      meter = new Meter(loadBalancerDimension(loadBalancerArn));
      this.meters.set(loadBalancerArn, meter);
    }
    return meter;
  }
}
