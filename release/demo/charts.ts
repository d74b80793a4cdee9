import {
  type Frame,
  grid,
  lineChart,
  niceCeiling,
  phaseBands,
  point,
  svg,
  timeAxis,
  x,
  y,
} from "../html/chart";
import { escapeText } from "../html/text";
import type { Series } from "./series";

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
    phaseBands(frame, series.phases, true),
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
export function latencyChart({ latency, seconds, phases }: Series): string {
  const line = (tone: "p50" | "p99") => ({
    tone,
    points: latency.flatMap((bucket, second) =>
      bucket ? [{ at: centre({ seconds }, second), value: bucket[tone] }] : [],
    ),
  });
  return lineChart("Answer time in milliseconds", [line("p99"), line("p50")], {
    seconds,
    phases,
    unit: "ms",
  });
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
function centre(frame: Pick<Frame, "seconds">, second: number): number {
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

function failureMarks(frame: Frame, series: Series): string {
  const shown = series.failures.slice(0, 500);
  return shown
    .map(({ at, reason }) => {
      const [cx, cy] = [x(frame, Math.min(at, frame.seconds)), frame.top + 8];
      return `<path class="failure" d="M${(cx - 4).toFixed(1)} ${cy - 4}l8 8m0 -8l-8 8"><title>${at.toFixed(1)} s: ${escapeText(reason)}</title></path>`;
    })
    .join("");
}
