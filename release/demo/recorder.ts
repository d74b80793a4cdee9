import { watchSandbox } from "../../sandbox";
import type { EnvironmentOutputs } from "../environment";
import type { Phase, WeightChange } from "./trace";

/** Keeps the time of each phase and every change of the production listener's weights. */
export class DemoRecorder {
  readonly phases: Phase[] = [];
  private readonly changes: {
    at: number;
    listenerArn: string;
    groups: { arn: string; release?: string; weight: number }[];
  }[] = [];
  private readonly versions = new Map<string, string>();
  private listenerArn = "";

  /** Follows the sandbox from now on; returns how to stop. */
  watch(): Promise<() => void> {
    return watchSandbox((event) => {
      if (event.type !== "weights" || event.rule !== "default") return;
      this.changes.push({ at: Date.parse(event.at), listenerArn: event.listenerArn, groups: event.groups });
    });
  }

  /** Learns which fleet runs which version: target groups come and go with releases. */
  learn(outputs: EnvironmentOutputs): void {
    this.listenerArn = outputs.listenerArn;
    for (const [version, { targetGroupArn }] of Object.entries(outputs.fleets)) {
      this.versions.set(targetGroupArn, version);
    }
  }

  async phase<T>(name: string, work: () => Promise<T>): Promise<T> {
    const phase = { name, startedAt: Date.now(), endedAt: Date.now() };
    this.phases.push(phase);
    try {
      return await work();
    } finally {
      phase.endedAt = Date.now();
    }
  }

  /** The phase of this name. */
  get(name: string): Phase {
    const phase = this.phases.find((candidate) => candidate.name === name);
    if (!phase) throw new Error(`there was no phase "${name}"`);
    return phase;
  }

  get weights(): WeightChange[] {
    return this.changes
      .filter(({ listenerArn }) => listenerArn === this.listenerArn)
      .map(({ at, groups }) => ({ at, weights: this.byVersion(groups) }));
  }

  private byVersion(groups: { arn: string; release?: string; weight: number }[]): Record<string, number> {
    const total = groups.reduce((sum, { weight }) => sum + weight, 0);
    const weights: Record<string, number> = {};
    for (const { arn, release, weight } of groups) {
      const version = this.versions.get(arn) ?? release ?? "unknown";
      weights[version] = total === 0 ? 0 : Math.round((weight * 100) / total);
    }
    return weights;
  }
}
