import { type Band, type Line, lineChart } from "../html/chart";
import { figure } from "../html/document";
import { escapeText } from "../html/text";
import type { LoadTrace } from "./drive";
import { LAYER_TITLES, type Layer, measuresOf } from "./measures";
import type { LayerReading } from "./read-figures";

/** What CloudWatch said of the layers, over time. */
export interface LayerPoints {
  series: LayerReading["series"];
  /** How long each of the points stands for. */
  periodSeconds: number;
}

/** Lines of the layers on the time of the load. */
export class LayerCharts {
  private readonly startedAt: number;
  private readonly phases: Band[];

  constructor(
    private readonly read: LayerPoints,
    { phases }: LoadTrace,
    private readonly seconds: number,
  ) {
    this.startedAt = phases[0]?.startedAt ?? 0;
    this.phases = phases.map(({ name, startedAt, endedAt }) => ({
      name,
      from: this.since(startedAt),
      to: this.since(endedAt),
    }));
  }

  /** Empty where no layer has any of them. */
  figure(title: string, what: string, unit: string, wanted: [Layer, string][], highest?: number): string {
    const found = wanted.flatMap(([layer, key]) => {
      const points = this.read.series[layer]?.[key] ?? [];
      return points.length > 0 ? [{ name: `${LAYER_TITLES[layer]}: ${titleOf(layer, key)}`, points }] : [];
    });
    if (found.length === 0) return "";
    const lines = found.map(({ points }, index): Line => ({ tone: `v${index}`, points: this.steps(points) }));
    const { seconds, phases } = this;
    const settings = { seconds, phases, unit, ...(highest === undefined ? {} : { highest }) };
    const legend = found.map(
      ({ name }, index) => `<span class="key"><i class="swatch v${index}"></i>${escapeText(name)}</span>`,
    );
    return figure(title, what, lineChart(title, lines, settings), legend.join(""));
  }

  /** A period's number holds from its begin to its end. */
  private steps(points: Line["points"]): Line["points"] {
    return points.flatMap(({ at, value }) =>
      [at, at + this.read.periodSeconds].map((second) => ({ at: this.since(second * 1000), value })),
    );
  }

  /** Seconds since the load began, within it. */
  private since(milliseconds: number): number {
    return Math.min(this.seconds, Math.max(0, (milliseconds - this.startedAt) / 1000));
  }
}

function titleOf(layer: Layer, key: string): string {
  return measuresOf(layer).find(([name]) => name === key)?.[1].title ?? key;
}
