/** What all charts are drawn with. */
import { escapeText } from "./text";

/** Inside of a chart's drawing area, in the units of its view box. */
export const LEFT = 56;
export const RIGHT = 16;
export const WIDTH = 1080;

export interface Frame {
  height: number;
  top: number;
  bottom: number;
  /** Highest value on the y axis. */
  max: number;
  seconds: number;
}

const plotWidth = WIDTH - LEFT - RIGHT;
export const x = (frame: Frame, second: number) => LEFT + (second / frame.seconds) * plotWidth;
export const y = (frame: Frame, value: number) =>
  frame.height - frame.bottom - (value / frame.max) * (frame.height - frame.top - frame.bottom);
export const point = (frame: Frame, second: number, value: number) =>
  `${x(frame, second).toFixed(1)},${y(frame, value).toFixed(1)}`;

/** A part of the time that has a name. Seconds. */
export interface Band {
  name: string;
  from: number;
  to: number;
}

export interface Line {
  /** Class of the line. */
  tone: string;
  points: readonly { at: number; value: number }[];
}

/** Lines over time, with the phases behind them. */
export function lineChart(
  title: string,
  lines: readonly Line[],
  settings: { seconds: number; phases: readonly Band[]; unit: string; highest?: number },
): string {
  const { seconds, phases, unit } = settings;
  const highest =
    settings.highest ??
    lines.flatMap(({ points }) => points.map(({ value }) => value)).reduce((a, b) => Math.max(a, b), 1);
  const frame: Frame = { height: 170, top: 18, bottom: 28, max: niceCeiling(highest), seconds };
  const drawn = lines.map(({ tone, points }) => {
    const list = points.map(({ at, value }) => point(frame, at, value)).join(" ");
    return `<polyline class="line ${tone}" points="${list}"/>`;
  });
  return svg(frame, title, [
    phaseBands(frame, phases, false),
    grid(frame, (value) => (unit === "ms" && value >= 1000 ? `${value / 1000} s` : `${value} ${unit}`)),
    ...drawn,
    timeAxis(frame),
  ]);
}

/** Phases as bands behind the data; a name is written over two rows in turn, so that short phases do not overlap. */
export function phaseBands(frame: Frame, phases: readonly Band[], named: boolean): string {
  return phases
    .map(({ name, from, to }, index) => {
      const [left, right] = [x(frame, from), x(frame, to)];
      const band = `<rect class="phase p${index % 2}" x="${left.toFixed(1)}" y="${frame.top}" width="${(right - left).toFixed(1)}" height="${frame.height - frame.top - frame.bottom}"/>`;
      const edge = `<line class="edge" x1="${left.toFixed(1)}" x2="${left.toFixed(1)}" y1="${named ? frame.top - 8 : frame.top}" y2="${frame.height - frame.bottom}"/>`;
      const label = `<text class="phase-name" x="${(left + 5).toFixed(1)}" y="${index % 2 === 0 ? frame.top - 26 : frame.top - 10}">${escapeText(name)}</text>`;
      return band + edge + (named ? label : "");
    })
    .join("");
}

export function grid(frame: Frame, label: (value: number) => string, values?: number[]): string {
  const step = frame.max / 4;
  const lines = values ?? [0, step, 2 * step, 3 * step, frame.max];
  return lines
    .map((value) => {
      const at = y(frame, value).toFixed(1);
      return `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at}" y2="${at}"/><text class="tick" text-anchor="end" x="${LEFT - 8}" y="${Number(at) + 4}">${label(value)}</text>`;
    })
    .join("");
}

export function timeAxis(frame: Frame): string {
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

export function svg(frame: Frame, title: string, parts: string[]): string {
  return `<svg viewBox="0 0 ${WIDTH} ${frame.height}" role="img" aria-label="${escapeText(title)}">${parts.join("")}</svg>`;
}
