import {
  type Figures,
  type Fleet,
  LAYER_TITLES,
  type Layer,
  measuresOf,
  missingFigures,
  showValue,
  type Values,
} from "./measures";
import { type Change, RULES, type Rule } from "./rules";

/** A layer that is at its limit, and the figures that show it. */
export interface Suspect {
  layer: Layer;
  figures: string[];
  change: Change;
  /** The change as a sentence. */
  advice: string;
}

export interface Verdict {
  /** The one to change first; null where no layer is at its limit. */
  bottleneck: Suspect | null;
  /** Others at their limit: they may be so only because of it. */
  also: Suspect[];
  /** Figures that should have been there: what was not read is not judged. */
  missing: string[];
}

const FURTHEST_BEHIND_FIRST: readonly Layer[] = ["database", "sessions", "machines", "loadBalancer"];

/**
 * Names the layer that holds the others up. A layer waits for what is behind it, so where several are at their limit the one
 * furthest behind comes first: more machines would only press harder on a database that cannot keep up.
 */
export function nameBottleneck(figures: Figures): Verdict {
  const suspects = FURTHEST_BEHIND_FIRST.map((layer) => suspect(layer, figures));
  const [bottleneck = null, ...also] = suspects.filter((found) => found !== undefined);
  const number = figures.machines && !figures.fleet ? [`${LAYER_TITLES.machines}: how many there were`] : [];
  return { bottleneck, also, missing: [...missingFigures(figures), ...number] };
}

function suspect<L extends Layer>(layer: L, figures: Figures): Suspect | undefined {
  const values = figures[layer] as Values<L> | undefined;
  const { fleet } = figures;
  const rules: Rule<L>[] = RULES[layer];
  const rule = values && rules.find(({ when }) => when(values, fleet));
  if (rule === undefined) return undefined;
  const { change, advice, shows } = rule;
  const shown = shows.flatMap((key) => say(layer, String(key), values?.[key]));
  return {
    layer,
    figures: [...shown, ...(layer === "machines" ? describeFleet(fleet) : [])],
    change,
    advice,
  };
}

/** `CPU 97 %`; nothing for a figure that is not there. */
function say(layer: Layer, key: string, value: number | undefined): string[] {
  return measuresOf(layer)
    .filter(([name]) => name === key && value !== undefined)
    .map(([, { title, unit }]) => `${title} ${showValue(value!, unit)}`);
}

function describeFleet(fleet: Fleet | undefined): string[] {
  if (fleet === undefined) return [];
  const { count, limit, targetCpu } = fleet;
  const target = targetCpu === undefined ? [] : [`scaling keeps to ${targetCpu} % CPU`];
  return [`${count} machines of at most ${limit}`, ...target];
}

/** The verdict in one sentence for a person. */
export function describeVerdict({ bottleneck, missing }: Verdict): string {
  if (bottleneck) {
    return `The bottleneck is the ${LAYER_TITLES[bottleneck.layer]}: ${bottleneck.figures.join(", ")}.`;
  }
  if (missing.length > 0) {
    return `No bottleneck found in what could be read; without figures nothing is known of ${missing.join(", ")}.`;
  }
  return "No layer came to its limit.";
}
