import type { EnvironmentConfig } from "../../stacks/config";
import { compareResources, kindsOf, type Program, type Resources, resourcesOf } from "./resources";
import { compareSettings, type SettingDifference } from "./settings";

export interface Parity {
  environments: [string, string];
  settings: SettingDifference[];
  /** Kinds of resources of which the two have different numbers. */
  kinds: { kind: string; counts: Record<string, number> }[];
  /** Resources that differ although the settings are the same: the program has a case for one environment. */
  unexplained: string[];
}

/** Compares environments pair by pair; what the program makes of each is recorded once. */
export class ParityCheck {
  private readonly recorded = new Map<string, Promise<Resources>>();

  constructor(
    private readonly projectRoot: string,
    private readonly program?: Program,
  ) {}

  async compare(a: EnvironmentConfig, b: EnvironmentConfig): Promise<Parity> {
    const inA = await this.resources(a);
    const inB = await this.resources(b);
    // With a's settings and b's name the program has to make what it makes of a.
    const renamed = await this.resources({ ...a, environment: b.environment });
    return {
      environments: [a.environment, b.environment],
      settings: compareSettings(a, b),
      kinds: compareKinds(a.environment, inA, b.environment, inB),
      unexplained: compareResources(inA, renamed),
    };
  }

  /** One after another: the recorder takes one program at a time. */
  private async resources(config: EnvironmentConfig): Promise<Resources> {
    const key = JSON.stringify(config);
    const made = this.recorded.get(key) ?? resourcesOf(config, this.projectRoot, this.program);
    this.recorded.set(key, made);
    return await made;
  }
}

export function holds({ settings, unexplained }: Parity): boolean {
  return unexplained.length === 0 && settings.every(({ intended }) => intended !== undefined);
}

function compareKinds(nameA: string, a: Resources, nameB: string, b: Resources): Parity["kinds"] {
  const [inA, inB] = [kindsOf(a), kindsOf(b)];
  return [...new Set([...Object.keys(inA), ...Object.keys(inB)])]
    .sort()
    .map((kind) => ({ kind, counts: { [nameA]: inA[kind] ?? 0, [nameB]: inB[kind] ?? 0 } }))
    .filter(({ counts }) => counts[nameA] !== counts[nameB]);
}
