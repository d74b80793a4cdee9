import type { Series } from "./series";

/** Inside of a chart's drawing area, in the units of its view box. */
const LEFT = 56;
const RIGHT = 16;
export const WIDTH = 1080;

interface Frame {
  height: number;
  top: number;
  bottom: number;
  /** Highest value on the y axis. */
  max: number;
  seconds: number;
}

const plotWidth = WIDTH - LEFT - RIGHT;
const x = (frame: Frame, second: number) => LEFT + (second / frame.seconds) * plotWidth;
const y = (frame: Frame, value: number) =>
  frame.height - frame.bottom - (value / frame.max) * (frame.height - frame.top - frame.bottom);
const point = (frame: Frame, second: number, value: number) =>
  `${x(frame, second).toFixed(1)},${y(frame, value).toFixed(1)}`;

/** Answers per second, stacked by version, with the phases behind them and failures on top. */
export function requestsChart(series: Series, rate: number): string {
  const highest = Math.max(rate, ...series.perSecond.map((row) => row.reduce((sum, n) => sum + n, 0)));
  const frame: Frame = {
    height: 330,
    top: 46,
    bottom: 28,
    max: niceCeiling(highest * 1.08),
    seconds: series.seconds,
  };
  return svg(frame, "Answers per second by version", [
    phaseBands(frame, series, true),
    grid(frame, (value) => value.toLocaleString("en")),
    ...stackedAreas(frame, series),
    failureMarks(frame, series),
    timeAxis(frame),
  ]);
}

/** The listener's weights over time. */
export function weightsChart(series: Series): string {
  const frame: Frame = { height: 150, top: 18, bottom: 28, max: 100, seconds: series.seconds };
  return svg(frame, "Weights of the production listener in percent", [
    grid(frame, (value) => `${value} %`, [0, 50, 100]),
    ...weightAreas(frame, series),
    weightLabels(frame, series),
    timeAxis(frame),
  ]);
}

/** Median and 99th percentile of the answer time. */
export function latencyChart(series: Series): string {
  const highest = Math.max(1, ...series.latency.map((bucket) => bucket?.p99 ?? 0));
  const frame: Frame = {
    height: 170,
    top: 18,
    bottom: 28,
    max: niceCeiling(highest),
    seconds: series.seconds,
  };
  const line = (of: "p50" | "p99") =>
    `<polyline class="line ${of}" points="${series.latency
      .flatMap((bucket, second) => (bucket ? [point(frame, centre(frame, second), bucket[of])] : []))
      .join(" ")}"/>`;
  return svg(frame, "Answer time in milliseconds", [
    phaseBands(frame, series, false),
    grid(frame, (value) => `${value} ms`),
    line("p99"),
    line("p50"),
    timeAxis(frame),
  ]);
}

function stackedAreas(frame: Frame, series: Series): string[] {
  const floor = series.perSecond.map(() => 0);
  return series.versions.map((version, index) => {
    const lower = floor.map((value, second) => point(frame, centre(frame, second), value));
    series.perSecond.forEach((row, second) => {
      floor[second] = (floor[second] ?? 0) + (row[index] ?? 0);
    });
    const upper = floor.map((value, second) => point(frame, centre(frame, second), value));
    const total = series.perSecond.reduce((sum, row) => sum + (row[index] ?? 0), 0);
    const title = `<title>${escapeText(version)}: ${total.toLocaleString("en")} answers</title>`;
    return `<polygon class="area v${index}" points="${[...upper, ...lower.reverse()].join(" ")}">${title}</polygon>`;
  });
}

/** Seconds are drawn in their middle; the first and the last are stretched so that the area fills the chart. */
function centre(frame: Frame, second: number): number {
  if (second === 0) return 0;
  return second === frame.seconds - 1 ? frame.seconds : second + 0.5;
}

function weightAreas(frame: Frame, series: Series): string[] {
  return series.weights.flatMap((step, index) => {
    const from = x(frame, step.at);
    const to = x(frame, series.weights[index + 1]?.at ?? frame.seconds);
    let floor = 0;
    return step.percent.map((percent, version) => {
      const [top, bottom] = [y(frame, floor + percent), y(frame, floor)];
      floor += percent;
      if (percent === 0) return "";
      return `<rect class="area v${version}" x="${from.toFixed(1)}" y="${top.toFixed(1)}" width="${Math.max(0, to - from).toFixed(1)}" height="${(bottom - top).toFixed(1)}"/>`;
    });
  });
}

/** The share of each step, written where there is room for it. */
function weightLabels(frame: Frame, series: Series): string {
  return series.weights
    .map((step, index) => {
      const from = x(frame, step.at);
      const to = x(frame, series.weights[index + 1]?.at ?? frame.seconds);
      const leading = step.percent.reduce(
        (best, percent, i) => (percent > (step.percent[best] ?? 0) ? i : best),
        0,
      );
      const text =
        step.percent[leading] === 100
          ? `${series.versions[leading]} 100 %`
          : step.percent.filter((p) => p > 0).join(" / ");
      if (to - from < text.length * 7) return "";
      return `<text class="share" x="${((from + to) / 2).toFixed(1)}" y="${y(frame, 46).toFixed(1)}">${escapeText(text)}</text>`;
    })
    .join("");
}

/** Phases as bands behind the data; a name is written over two rows in turn, so that short phases do not overlap. */
function phaseBands(frame: Frame, series: Series, named: boolean): string {
  return series.phases
    .map(({ name, from, to }, index) => {
      const [left, right] = [x(frame, from), x(frame, to)];
      const band = `<rect class="phase p${index % 2}" x="${left.toFixed(1)}" y="${frame.top}" width="${(right - left).toFixed(1)}" height="${frame.height - frame.top - frame.bottom}"/>`;
      const edge = `<line class="edge" x1="${left.toFixed(1)}" x2="${left.toFixed(1)}" y1="${named ? frame.top - 8 : frame.top}" y2="${frame.height - frame.bottom}"/>`;
      const label = `<text class="phase-name" x="${(left + 5).toFixed(1)}" y="${index % 2 === 0 ? frame.top - 26 : frame.top - 10}">${escapeText(name)}</text>`;
      return band + edge + (named ? label : "");
    })
    .join("");
}

function failureMarks(frame: Frame, series: Series): string {
  const shown = series.failures.slice(0, 500);
  return shown
    .map(({ at, reason }) => {
      const [cx, cy] = [x(frame, Math.min(at, frame.seconds)), frame.top + 8];
      return `<path class="failure" d="M${(cx - 4).toFixed(1)} ${cy - 4}l8 8m0 -8l-8 8"><title>${at.toFixed(1)} s: ${escapeText(reason)}</title></path>`;
    })
    .join("");
}

function grid(frame: Frame, label: (value: number) => string, values?: number[]): string {
  const step = frame.max / 4;
  const lines = values ?? [0, step, 2 * step, 3 * step, frame.max];
  return lines
    .map((value) => {
      const at = y(frame, value).toFixed(1);
      return `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at}" y2="${at}"/><text class="tick" text-anchor="end" x="${LEFT - 8}" y="${Number(at) + 4}">${label(value)}</text>`;
    })
    .join("");
}

function timeAxis(frame: Frame): string {
  const step = [5, 10, 15, 20, 30, 60, 120, 300].find((candidate) => frame.seconds / candidate <= 12) ?? 600;
  const ticks: string[] = [];
  for (let second = 0; second <= frame.seconds; second += step) {
    const at = x(frame, second).toFixed(1);
    ticks.push(
      `<text class="tick" text-anchor="middle" x="${at}" y="${frame.height - 8}">${second} s</text>`,
    );
  }
  return ticks.join("");
}

/** The next number that divides into four round parts. */
export function niceCeiling(value: number): number {
  const magnitude = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  const factor =
    [1, 1.2, 1.6, 2, 2.4, 3, 3.2, 4, 5, 6, 8, 10].find((candidate) => candidate * magnitude >= value) ?? 10;
  return Math.max(4, Math.round(factor * magnitude));
}

function svg(frame: Frame, title: string, parts: string[]): string {
  return `<svg viewBox="0 0 ${WIDTH} ${frame.height}" role="img" aria-label="${escapeText(title)}">${parts.join("")}</svg>`;
}

export function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
